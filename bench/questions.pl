#!/usr/bin/perl
# Asks a server of DNS for the IPv4 address of a name, one question after the other: questions.pl ADDRESS PORT NAME COUNT
use strict;
use warnings;
use IO::Socket::INET;

my ($address, $port, $name, $count) = @ARGV;
my $socket = IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port, Proto => 'udp') or die "socket: $!\n";
my $labels = join '', map { pack 'C/a*', $_ } split /\./, $name;
for my $id (1 .. $count) {
    $socket->send(pack('n6', $id, 0x0100, 1, 0, 0, 0) . $labels . pack('Cn2', 0, 1, 1)) or die "send: $!\n";
    my $waiting = '';
    vec($waiting, fileno $socket, 1) = 1;
    select($waiting, undef, undef, 2) == 1 or die "No answer to question $id\n";
    $socket->recv(my $answer, 512);
    my ($of, undef, undef, $answers) = unpack 'n4', $answer;
    $of == $id && $answers == 1 or die "No address in the answer to question $id\n";
}
