#!/usr/bin/perl
# Runs lanes of commands, all lanes at once and the commands of a lane one after the other, and measures each command as
# the kernel does: wait4 gives processor time (of the command and all it waited for) in microseconds and peak memory.
# Node has no wait4, and what it spends on a child would be part of the figure. Perl is on every Debian and Ubuntu.
#
# stdin, NUL-separated: lanes; per lane: commands; per command: argc, argv..., envc, NAME=value..., input.
# "@PREVIOUS@" in an input is what the previous command of the lane printed.
# stdout, NUL-separated: wall microseconds of all; per command: lane, exit status, wall, processor time, peak KiB, stdout.
use strict;
use warnings;
use POSIX ();

my $machine = (POSIX::uname())[4];
my %calls   = (x86_64 => [61, 228], aarch64 => [260, 113]);
my ($WAIT4, $CLOCK_GETTIME) = @{ $calls{$machine} or die "Cannot measure on $machine\n" };

sub microseconds {
    my $time = pack 'q2', 0, 0;
    syscall($CLOCK_GETTIME, 1, $time) == 0 or die "clock_gettime: $!\n";
    my ($seconds, $nanoseconds) = unpack 'q2', $time;
    return $seconds * 1_000_000 + int($nanoseconds / 1000);
}

sub wait_for {
    my ($pid) = @_;
    my ($status, $usage) = (pack('i', 0), pack('q18', (0) x 18));
    syscall($WAIT4, $pid, $status, 0, $usage) == $pid or die "wait4: $!\n";
    my @usage = unpack 'q18', $usage;
    return (unpack('i', $status), $usage[0] * 1_000_000 + $usage[1] + $usage[2] * 1_000_000 + $usage[3], $usage[4]);
}

# The input has to fit into a pipe (64 KiB), as a network configuration does.
sub measure {
    my ($argv, $env, $input) = @_;
    pipe my $in_read,  my $in_write  or die "pipe: $!\n";
    pipe my $out_read, my $out_write or die "pipe: $!\n";
    syswrite($in_write, $input) == length $input or die "The input is too long\n";
    close $in_write;
    my $start = microseconds();
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        POSIX::dup2(fileno $in_read, 0);
        POSIX::dup2(fileno $out_write, 1);
        %ENV = map { split /=/, $_, 2 } @$env;
        exec { $argv->[0] } @$argv or POSIX::_exit(127);
    }
    close $out_write;
    my $output = '';
    1 while sysread $out_read, $output, 65536, length $output;
    my ($status, $processor, $peak) = wait_for($pid);
    return ($status, microseconds() - $start, $processor, $peak, $output);
}

local $/;
my @tokens = split /\0/, <STDIN>, -1;
sub take_list { return splice @tokens, 0, shift @tokens }

my @lanes;
for (1 .. shift @tokens) {
    my @commands;
    for (1 .. shift @tokens) {
        my @argv = take_list();
        my @env  = take_list();
        push @commands, [\@argv, \@env, shift @tokens];
    }
    push @lanes, \@commands;
}

pipe my $gate_read, my $gate_write or die "pipe: $!\n";
my @results;
for my $number (0 .. $#lanes) {
    pipe my $result_read, my $result_write or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        close $gate_write;
        sysread $gate_read, my $nothing, 1;
        my $previous = '';
        for my $command (@{ $lanes[$number] }) {
            my ($argv, $env, $input) = @$command;
            $input =~ s/\@PREVIOUS\@/$previous/;
            my @figures = measure($argv, $env, $input);
            $previous = $figures[-1];
            syswrite $result_write, join "\0", $number, @figures, '';
        }
        POSIX::_exit(0);
    }
    close $result_write;
    push @results, $result_read;
}
close $gate_read;
my $start = microseconds();
close $gate_write;
my @texts = map { scalar readline $_ } @results;
my $end = microseconds();
1 while wait != -1;
print join "\0", $end - $start, join '', @texts;
