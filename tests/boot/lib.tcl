# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib.tcl: driving the console of a booted image.
#
# usage: expect -f lib.tcl ARCH WORK GROUP.exp
#
# A group is a list of
#
#     boot ?-append WORDS? ?-overlay LINES? ?-initrd FILE? ?-env {NAME VALUE...}? ?-qemu {WORD...}?
#                                                                     start QEMU
#     test "sentence" { body }                                        one result
#
# A body fails by calling `fail DETAIL`, or through what it calls: `line RE` (wait for a line),
# `sh COMMAND` (run it at the prompt, get its output; its status must be 0), `status COMMAND` (get the
# status), `gone` (wait for QEMU to end). Everything has a time limit. When QEMU has ended, the tests
# that need it fail at once and say so.
#
# The -overlay lines are those of image/tools/mkcpio.c; they make a second archive that the kernel
# unpacks over the first one. What replaces files of the image needs cloison.manifest=warn.

set arch [lindex $argv 0]
set work [lindex $argv 1]
set group [lindex $argv 2]
set out $env(OUT)
set here tests/boot
# QEMU's time, not the tests': generous, as the machine may be busy.
set limit 600
if {[info exists env(CLOISON_BOOT_TIMEOUT)]} {
	set limit $env(CLOISON_BOOT_TIMEOUT)
}
set timeout $limit
match_max -d 500000
log_user 0
# QEMU's terminal is a wire: what the guest says arrives unchanged
set stty_init {raw -echo -onlcr}
fconfigure stdout -buffering line

set failed 0
set qemu 0
set boots 0
set marks 0
# time limits that ran out on this boot; from the second on, tests do not wait any more
set timeouts 0
set tail_printed {}

# --- results

proc fail {detail} {
	error $detail "" TEST
}

# out_of_time - fail, and stop waiting for a machine that does not answer
proc out_of_time {detail} {
	global timeouts
	incr timeouts
	fail $detail
}

# alive - there is a QEMU to talk to
proc alive {} {
	global qemu timeouts
	if {$qemu == 0} {
		fail "QEMU is not running"
	}
	if {$timeouts > 1} {
		fail "the console has not answered twice"
	}
}

# console_tail - the last lines of the console, as diagnostics, unless they have been printed
proc console_tail {} {
	global console_log tail_printed
	if {![info exists console_log] || [catch {open $console_log} f]} {
		return
	}
	if {$tail_printed eq "$console_log [file size $console_log]"} {
		close $f
		return
	}
	set tail_printed "$console_log [file size $console_log]"
	set lines [split [clean [read $f]] \n]
	close $f
	foreach l [lrange [lsearch -all -inline -not $lines {}] end-24 end] {
		regsub -all {[^ -~]} $l ? l
		puts "#   $l"
	}
}

proc test {name body} {
	global failed arch
	set code [catch {uplevel 1 $body} detail options]
	if {$code == 0 || $code == 2} {
		puts "ok - $arch: $name"
		return
	}
	incr failed
	if {[dict get $options -errorcode] ne "TEST"} {
		set detail "$detail ([dict get $options -errorinfo])"
	}
	regsub -all {\s+} $detail " " detail
	puts "not ok - $arch: $name: $detail"
	console_tail
}

# --- QEMU

# overlay - an lz4 frame with the files of the list; the path of the whole initramfs
proc overlay {lines} {
	global work out env boots
	set list $work/overlay.list
	set f [open $list w]
	foreach l [split $lines \n] {
		puts $f [string trim $l]
	}
	close $f
	set env(SOURCE_DATE_EPOCH) 0
	exec $out/tools/mkcpio -o $work/overlay.cpio $list
	exec lz4 -l -9 -f -q $work/overlay.cpio $work/overlay.lz4
	exec cat $out/initramfs.cpio.lz4 $work/overlay.lz4 > $work/initramfs
	return $work/initramfs
}

# boot - start QEMU; what the console says is looked at by the tests
proc boot {args} {
	global env arch work qemu spawn_id console_log boots timeouts stty_init
	array set o {-append {} -overlay {} -initrd {} -env {} -qemu {}}
	array set o $args

	stop
	incr boots
	set timeouts 0
	set console_log $work/console.$boots
	set initrd $o(-initrd)
	if {[string trim $o(-overlay)] ne ""} {
		set initrd [overlay $o(-overlay)]
	}
	set command [list env APPEND=$o(-append)]
	if {$initrd ne ""} {
		lappend command INITRD=$initrd
	}
	foreach {name value} $o(-env) {
		lappend command $name=$value
	}
	lappend command board/qemu-$arch/run {*}$o(-qemu)
	log_file
	log_file -noappend -a $console_log
	set qemu [spawn -noecho {*}$command]
}

# stop - end the QEMU of ours, if it runs
proc stop {} {
	global qemu spawn_id
	if {$qemu == 0} {
		return
	}
	catch {exec kill -KILL $qemu}
	catch {close}
	catch {wait}
	set qemu 0
}

proc ended {} {
	global qemu
	catch {close}
	catch {wait}
	set qemu 0
	fail "QEMU has ended"
}

# gone - QEMU ends by itself; returns what the console said until then
proc gone {} {
	global qemu spawn_id limit
	alive
	set timeout $limit
	expect {
		eof {}
		timeout { out_of_time "QEMU still runs after $limit s" }
	}
	set said $expect_out(buffer)
	set result [wait]
	set qemu 0
	if {[lindex $result 2] != 0 || [lindex $result 3] != 0} {
		fail "QEMU's exit status: $result"
	}
	return [clean $said]
}

# --- the console

# clean - text of the console in lines; the firmware clears the screen and returns in mid-line
proc clean {text} {
	regsub -all "\x1b\\\[2J" $text \n text
	regsub -all "\x1b(c|\\\[\[0-9;?\]*\[A-Za-z\])" $text {} text
	regsub -all {\r+\n} $text \n text
	return [string map {\r \n} $text]
}

# line - wait for a line that matches; returns the match and its parts
#
# A shell that is ready while another process writes has its prompt in front of that one's line.
proc line {re {within 0}} {
	global qemu spawn_id limit
	alive
	set timeout [expr {$within ? $within : $limit}]
	expect {
		-re "(?n)(?:^|\[\\r\\n\]|\\x1b\\\[2J)(?:cloison:\[^ \]*# )*($re)\\r*\\n" {}
		timeout { out_of_time "no line like `$re' within $timeout s" }
		eof { ended }
	}
	set parts {}
	for {set i 1} {[info exists expect_out($i,string)]} {incr i} {
		lappend parts $expect_out($i,string)
	}
	return $parts
}

# said_until - wait for a line, as `line` does; returns everything said before it
proc said_until {re} {
	global qemu spawn_id limit
	alive
	set timeout $limit
	expect {
		-re "(?n)(?:^|\[\\r\\n\]|\\x1b\\\[2J)(?:cloison:\[^ \]*# )*(?:$re)\\r*\\n" {}
		timeout { out_of_time "no line like `$re' within $limit s" }
		eof { ended }
	}
	return [clean $expect_out(buffer)]
}

# prompt - wait for the shell's
# what PID 1 or the kernel have to say may come right behind it
proc prompt {} {
	global qemu spawn_id limit
	alive
	set timeout $limit
	expect {
		-re {# (?:(?:cloison: |\[ )[^\n]*\n)*$} {}
		timeout { out_of_time "no prompt within $limit s" }
		eof { ended }
	}
}

proc type {text} {
	global qemu spawn_id
	alive
	send -- $text
}

# run - a command at the prompt: {status output}
proc run {command} {
	global marks spawn_id limit qemu
	incr marks
	# The line itself is echoed, so the marks must not look the same in it and in the output.
	type "echo @b$marks\$((0))@; $command; echo @e$marks:\$?@\r"
	set timeout $limit
	expect {
		-re "@b${marks}0@\\r*\\n(.*)@e$marks:(\[0-9\]+)@\\r*\\n" {}
		timeout { out_of_time "`$command' has not ended within $limit s" }
		eof { ended }
	}
	set result [list $expect_out(2,string) [string trim [clean $expect_out(1,string)] \n]]
	prompt
	return $result
}

# sh - the output of a command that must succeed
proc sh {command} {
	lassign [run $command] code output
	if {$code != 0} {
		fail "`$command': status $code: $output"
	}
	return $output
}

# status - the status of a command
proc status {command} {
	return [lindex [run $command] 0]
}

proc equal {is wanted what} {
	if {$is ne $wanted} {
		fail "$what is `$is', not `$wanted'"
	}
}

proc match {text re what} {
	if {![regexp -- $re $text]} {
		fail "$what does not match `$re': $text"
	}
}

# ready - boot to the prompt; the first test of most groups
proc ready {} {
	line {cloison: ready}
	prompt
}

# --- the group

if {[catch {source $group} detail options]} {
	incr failed
	puts "not ok - $arch: $group: $detail"
	puts "# [string map {\n "\n# "} [dict get $options -errorinfo]]"
}
stop
exit [expr {$failed > 0}]
