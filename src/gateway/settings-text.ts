/** `/etc/flatnet/flatnetd.toml` as `flatnet gateway enable` writes it: every key with its default, as a comment. */
export const SETTINGS_TEXT = `# The gateway of flatnet. "flatnet gateway check" reads this file, "flatnet gateway reload" makes it effective.
# Every key is here with its default.

[gateway]
# Where browsers reach it: "*:80" is every address of this host.
#listen = ["*:80"]
# A container is NAME.local and NAME.DOMAIN, where the client finds these names.
#domain = "flatnet.local"
# "all": every container with a port for browsers, unless its label flatnet.enable is false.
# "labelled": only containers with a label that begins with "flatnet.".
#expose = "all"
# Labels of other tools that count where a container has none of flatnet: "nginx-proxy", "traefik", "caddy", "homepage".
#foreign-labels = []
# Proxies in front of this one, as CIDRs: who asks is taken from their X-Forwarded-For.
#trusted-proxies = []
# The header lines of the first gateway's guide, word for word.
#literal-headers = false
# Password files (htpasswd) that the label flatnet.auth may name.
#passwords = "/etc/flatnet/passwords"

[api]
#listen = ["*:8080"]
# Who may read, as CIDRs. This host always may.
#read = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"]
# Who may change something without the token. This host always may.
#write = []
# Further names under which browsers open the page.
#hosts = []
#token-file = "/etc/flatnet/token"

[nginx]
# "auto": nginx or openresty, whichever is found.
#program = "auto"
# "auto": a container's new address needs no reload where nginx has its Lua module.
#lua = "auto"

[podman]
# Its command is used where nothing answers at this socket.
#socket = "/run/podman/podman.sock"
`;
