// Calls the plugins of a network as a container runtime does, through libcni itself:
//
//	libcni-client add|check|del CONFLIST CONTAINERID NETNS IFNAME
//
// CNI_PATH lists the directories of the plugins. Like cnitool, but for the container's id, which cnitool makes up.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/libcni"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("usage: libcni-client add|check|del CONFLIST CONTAINERID NETNS IFNAME")
	}
	list, err := libcni.ConfListFromFile(args[1])
	if err != nil {
		return err
	}
	cni := libcni.NewCNIConfig(filepath.SplitList(os.Getenv("CNI_PATH")), nil)
	attachment := &libcni.RuntimeConf{ContainerID: args[2], NetNS: args[3], IfName: args[4]}
	if _, err := cni.ValidateNetworkList(context.TODO(), list); err != nil {
		return err
	}
	switch args[0] {
	case "add":
		result, err := cni.AddNetworkList(context.TODO(), list, attachment)
		if err != nil {
			return err
		}
		return result.Print()
	case "check":
		return cni.CheckNetworkList(context.TODO(), list, attachment)
	case "del":
		return cni.DelNetworkList(context.TODO(), list, attachment)
	}
	return fmt.Errorf("unknown command %q", args[0])
}
