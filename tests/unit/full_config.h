/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * full_config.h: a config.json that says everything this version understands.
 */
#ifndef CLOISON_TESTS_FULL_CONFIG_H
#define CLOISON_TESTS_FULL_CONFIG_H

static const char full_config[] =
	"{'ociVersion':'1.2.0',"
	"'process':{'terminal':true,'consoleSize':{'height':25,'width':80},"
	"'user':{'uid':1000,'gid':100,'umask':18,'additionalGids':[5,6]},"
	"'args':['sh','-c','true'],'env':['A=b','C='],'cwd':'/tmp',"
	"'capabilities':{'bounding':['CAP_CHOWN','CAP_KILL'],"
	"'effective':['CAP_CHOWN','CAP_SYS_ADMIN'],'inheritable':['CAP_KILL'],"
	"'permitted':['CAP_CHOWN','CAP_KILL'],'ambient':['CAP_CHOWN','CAP_KILL']},"
	"'rlimits':[{'type':'RLIMIT_NOFILE','soft':10,'hard':18446744073709551615}],"
	"'noNewPrivileges':true,'oomScoreAdj':-500},"
	"'root':{'path':'rootfs','readonly':true},"
	"'hostname':'h','domainname':'d',"
	"'mounts':["
	"{'destination':'/proc','type':'proc','source':'proc'},"
	"{'destination':'tmp','type':'tmpfs','source':'tmpfs',"
	"'options':['nosuid','noatime','size=64m','sync','mode=755']},"
	"{'destination':'/data','source':'data','options':['rbind','ro','rprivate','rnoexec']},"
	"{'destination':'/etc/hosts','type':'bind','source':'/etc/hosts'},"
	"{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup','options':['ro']}],"
	"'hooks':{'prestart':[],'createRuntime':[{'path':'/hook','args':['hook','a'],'env':['A=b'],"
	"'timeout':7}],'poststop':[{'path':'/x'},{'path':'/y'}]},"
	"'annotations':{'a.b':'c'},"
	"'linux':{"
	"'namespaces':[{'type':'user'},{'type':'cgroup'},{'type':'ipc','path':''},{'type':'uts'},"
	"{'type':'network'},{'type':'pid','path':'/proc/1/ns/pid'},{'type':'time'},"
	"{'type':'mount'}],"
	"'uidMappings':[{'containerID':0,'hostID':100000,'size':65536}],"
	"'gidMappings':[{'containerID':0,'hostID':200000,'size':1000},"
	"{'containerID':1000,'hostID':300000,'size':1}],"
	"'timeOffsets':{'monotonic':{'secs':-10,'nanosecs':999999999},'boottime':{'secs':5}},"
	"'devices':[{'path':'/dev/fuse','type':'c','major':10,'minor':229,'fileMode':438,"
	"'uid':1,'gid':2},{'path':'/dev/pipe','type':'p'}],"
	"'cgroupsPath':'/a/b',"
	"'resources':{"
	"'memory':{'limit':1048576,'reservation':524288,'swap':3145728},"
	"'cpu':{'shares':1024,'quota':50000,'period':100000,'burst':1000,'idle':1,"
	"'cpus':'0-1','mems':'0'},"
	"'pids':{'limit':100},"
	"'unified':{'memory.high':'900000'},"
	"'devices':[{'allow':false},{'allow':true,'type':'c','major':1,'minor':3,'access':'rw'}]},"
	"'rootfsPropagation':'rslave',"
	"'maskedPaths':['/proc/keys','/proc/kcore'],'readonlyPaths':['/proc/sys'],"
	"'sysctl':{'net.ipv4.ip_forward':'1','kernel/shmmax':'65536'},"
	"'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,"
	"'architectures':['SCMP_ARCH_X86'],'flags':['SECCOMP_FILTER_FLAG_LOG'],"
	"'syscalls':[{'names':['read','no_such_call'],'action':'SCMP_ACT_ALLOW'},"
	"{'names':['personality'],'action':'SCMP_ACT_ERRNO','errnoRet':13,"
	"'args':[{'index':0,'value':18446744073709551615,'valueTwo':0,'op':'SCMP_CMP_EQ'}]}]}}}";

#endif
