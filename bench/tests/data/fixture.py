#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small result document in which every part of the report has something to show.

usage: fixture.py >report.json      (not needed to run the tests)

All numbers are invented; names of systems and papers too where they are no real ones.
"""
import json
import math
import random

random.seed(7)
systems = [
    ("process", "the probe as a plain process", "process", "native", "R0", 0.6),
    ("floor", "the same kernel objects, made by a bare program", "container", "native", "R0", 1.7),
    ("cloison", "cloison run", "container", "native", "R0", 2.1),
    ("crun", "crun run", "container", "native", "R0", 6.0),
    ("appliance", "cloison run in the appliance", "appliance", "tcg", "R1", 25.0),
    ("qemu-microvm", "QEMU's microvm", "vm", "tcg", "R1", 3200.0),
    ("qemu-q35", "a PC with SeaBIOS", "vm", "tcg", "R1", 3600.0),
]
doc = {
    "schema": 1, "run_id": "20260101T000000Z-quick-7", "seed": 7, "mode": "quick",
    "options": ["--mode", "quick", "--seed", "7"], "cgroups": True, "interrupted": False,
    "env": {
        "cpu": "A processor <of> 2 GHz & more", "cpus": 2, "nested": True, "memory_kb": 4194304,
        "kernel": "6.12.0", "machine": "x86_64", "clocksource": "tsc", "governor": None,
        "load_before": "3.10 2.00 1.00 1/100 4242", "accel": "tcg",
        "accel_reason": "/dev/kvm is not there", "guest_ram_mib": 128,
        "steal_ticks_before": 100, "steal_ticks_after": 142, "load_after": "4 3 2 1/100 4243",
        "mitigations": {"spectre_v1": "Mitigation: usercopy/swapgs barriers"},
        "artifacts": {"cloison": "0" * 64, "vmlinuz": "1" * 64},
    },
    "selftest": {"level": 0.999, "blocks": 40, "starts_per_block": 1,
                 "cpu": {"ratio": 1.003, "low": 0.949, "high": 1.059},
                 "whole": {"ratio": 0.97, "low": 0.81, "high": 1.17}, "passed": True,
                 "system": "floor"},
    "systems": [], "scenarios": [], "summaries": [], "ratios": [], "curves": [], "papers": [],
    "memory": [], "claims": [], "proof": ["container: pid 1", "hostname: demo"],
    "targets": [], "samples": [],
    "threats": [
        "virtual machines are emulated (TCG), so their times are not those of hardware: /dev/kvm is not there",
        "this host is a virtual machine: its own host's load is not visible here",
        "the load was 3.1 on 2 processors before the run began",
        "something <else> & \"odd\"",
    ],
}
for id, what, kind, accel, rung, _ in systems:
    doc["systems"].append({"id": id, "what": what, "kind": kind, "accel": accel, "rung": rung,
                           "version": id + " 1.0", "program": "/usr/bin/" + id, "sha256": "2" * 64,
                           "args": id + " run --bundle /tmp/b " + id, "skip": None})
doc["systems"].append({"id": "runc", "what": "runc run", "kind": "container", "accel": "native",
                       "rung": "R0", "version": "", "program": "", "sha256": "", "args": "",
                       "skip": "runc is not installed"})
for id, params in (("s01-floor", {"skipped_steps": {"time": "ENOSPC"}}), ("s02-start", {"blocks": 8}),
                   ("s03-exec", {}), ("s05-phases", {}), ("s08-par", {}), ("s09-open", {}),
                   ("s10-creation-vs-n", {}), ("s12-mem", {}),
                   ("s14-netns", {"skip": "needs root"}), ("s22-icount", {})):
    doc["scenarios"].append({"id": id, "title": "title of " + id, "params": params})


def summary(scenario, system, metric, unit, values, failed=0):
    v = sorted(values)
    q = lambda p: v[min(len(v) - 1, int(p * len(v)))]
    m = q(0.5)
    doc["summaries"].append({
        "scenario": scenario, "system": system, "metric": metric, "unit": unit, "n": len(v),
        "failed": failed, "min": v[0], "p5": q(.05), "p25": q(.25), "p50": m, "p75": q(.75),
        "p95": q(.95), "max": v[-1], "low": q(.4), "high": q(.6), "outliers": 1, "mad": q(.75) - m,
        "spread": (v[-1] - v[0]) / m, "interval": "95% interval"})


def ratio(scenario, metric, of, to, value, width, rung, interval="99% interval", blocks=8, spread=None):
    doc["ratios"].append({"scenario": scenario, "metric": metric, "of": of, "to": to, "ratio": value,
                          "low": value / width, "high": value * width, "interval": interval,
                          "blocks": blocks, "spread": spread, "rung": rung})


t0, per = 10**12, {s[0]: [] for s in systems}
for block in range(8):
    visits = [s for s in systems for _ in range(1 if s[2] == "vm" else 4)]
    random.shuffle(visits)
    for order, s in enumerate(visits):
        ready = s[5] * 1e6 * math.exp(abs(random.gauss(0, 0.25))) * (1 + 0.02 * block)
        t0 += int(ready * 1.2)
        sample = {"scenario": "s02-start", "system": s[0], "block": block, "order": order,
                  "t0_ns": t0, "ready_ns": int(ready), "exit_ns": int(ready * 1.15),
                  "cpu_ns": int(ready * 0.7), "majflt": 0, "rc": 0, "steal_ticks": block % 3,
                  "psi_us": 1000 * (block + 1)}
        if s[0] == "crun" and block == 3 and order % 2:
            sample.update(flag="timeout", rc=137, error="killed, \"as, it were\"")
            del sample["ready_ns"]
        else:
            per[s[0]].append(ready)
        doc["samples"].append(sample)
for s in systems:
    summary("s02-start", s[0], "ready", "ns", per[s[0]], 2 if s[0] == "crun" else 0)
    summary("s02-start", s[0], "whole", "ns", [v * 1.15 for v in per[s[0]]])
    summary("s02-start", s[0], "cpu", "ns", [v * 0.7 for v in per[s[0]]])
for metric in ("ready", "whole", "cpu"):
    ratio("s02-start", metric, "process", "floor", 0.35, 1.1, "host")
    ratio("s02-start", metric, "cloison", "floor", 1.24, 1.04, "host")
    ratio("s02-start", metric, "crun", "floor", 3.5, 1.2, "host")
    ratio("s02-start", metric, "qemu-q35", "appliance", 144, 1.3, "R1")
ratio("s03-exec", "whole", "cloison", "floor", 2.2, 1.1, "host")
ratio("s22-icount", "instructions", "qemu-q35", "appliance", 86.5, 1.002, "R2", "range of 3 runs", 3, 0.002)
for name, us in (("vfork and execve", 550), ("user", 620), ("net", 1300), ("all six", 1900)):
    summary("s01-floor", name, "whole", "ns", [us * 1e3 * f for f in (0.9, 1, 1.1, 1.4)])
for id, ms in (("floor", 0.9), ("cloison", 2.0)):
    summary("s03-exec", id, "whole", "ns", [ms * 1e6 * f for f in (0.9, 1, 1.1)])
    summary("s03-exec", id, "cpu", "ns", [ms * 5e5 * f for f in (0.9, 1, 1.1)])
for phase, m in (("firmware", 20), ("unpacking", 60), ("kernel", 280), ("init", 12), ("agent", 3),
                 ("container", 5), ("total", 380)):
    summary("s05-phases", "appliance", phase, "virtual ns", [m * 1e6] * 3)
for id, m in (("appliance", 3.7), ("qemu-microvm", 300), ("qemu-q35", 320)):
    summary("s22-icount", id, "instructions", "virtual ns", [m * 1e6] * 3)
for id, where, kernel, pss, ram, jit, vmm in (("floor", "host", 330, 60, None, None, None),
                                              ("cloison", "host", 340, 70, None, None, None),
                                              ("qemu-q35", "host", 900, 160000, 110000, 30000, 20000)):
    doc["memory"].append({
        "system": id, "where": where, "instances": 40,
        "marginal_kb": {"point": kernel + pss, "low": kernel + pss - 9, "high": kernel + pss + 9,
                        "kernel": {"point": kernel, "low": kernel - 9, "high": kernel + 9}},
        "pss_kb": pss, "uss_kb": pss - 8, "memcg_kb": None, "guest_used_kb": 9000 if ram else None,
        "vmm_overhead_kb": vmm, "guest_resident_kb": ram, "jit_kb": jit, "reasons": {}})


def curve(scenario, system, x, y, unit, points):
    doc["curves"].append({"scenario": scenario, "system": system, "x": x, "y": y, "unit": unit,
                          "points": points, "slope": {"point": 210, "low": 180, "high": 260},
                          "ended": None})


doc["supervisor"] = [{"system": "cloison", "where": "host", "containers": 50, "idle_s": 10,
                      "base_kb": 900, "per_container_kb": {"point": 1.6, "low": 1.5, "high": 1.8},
                      "cpu_percent": 0, "wake_ups": 0.5, "trouble": None}]
doc["density"] = []
for system, base, slope in (("cloison", 2.1e6, 210), ("crun", 6e6, 900)):
    doc["density"].append({
        "scenario": "s10-creation-vs-n", "system": system, "ram_mib": None, "running": 1000,
        "whole": True, "end": "as many as were asked for",
        "slope_ns": {"point": slope, "low": slope * 0.9, "high": slope * 1.2},
        "kernel_kb": {"point": 330, "low": 320, "high": 345},
        "points": [{"running": n, "n": 30, "failed": 0, "point": base + slope * n,
                    "low": (base + slope * n) * 0.93, "high": (base + slope * n) * 1.08,
                    "kernel_kb": 100000 + 330 * n, "available_kb": 3000000 - 400 * n}
                   for n in (0, 10, 100, 300, 600, 1000)]})
    for k in (1, 2, 4, 8, 16, 32, 64):
        summary("s08-par", system, "ready, %d at once" % k, "ns",
                [base * k ** 0.7 * f for f in (0.8, 1, 1.2, 2)])
        summary("s08-par", system, "rate, %d at once" % k, "starts/s", [1e9 / base * min(k, 2.2)])
    for load in (25, 50, 75, 100, 120):
        summary("s09-open", system, "ready, %d%% of capacity" % load, "ns",
                [base * f / max(0.05, 1.25 - load / 100) for f in (0.8, 1, 1.2, 2)])
    curve("s12-mem", system, "instances", "kernel", "KiB",
          [{"x": n, "n": 1, "p50": base / 6e3 * n} for n in (0, 8, 16, 24, 32, 40)])
doc["repro"] = {"id": "a-paper", "title": "figure 4 of a paper", "paper": "A. Author, A Paper, 2017",
                "hardware": "four processors of then, 128 GB",
                "theirs": [{"label": "their system, p50 / p99", "value": "4 / 9 ms", "evidence": "abstract"}],
                "differences": ["our machine is emulated", "theirs has <four> processors"]}
doc["papers"].append({"figure": "P3", "series": "a paper's system", "source": "A Paper, fig. 4",
                      "hardware": "four processors of then, 128 GB", "unit": "ns",
                      "points": [[0, 4e6], [500, 9e6], [1000, 1.6e7]]})
doc["claims"] += [
    {"text": "cloison exec, cpu, in floors of exec", "value": 2.2, "low": 2.0, "high": 2.42,
     "interval": "99% interval", "target": "<= 2.5", "verdict": "holds", "n": 8, "scenario": "s03-exec"},
    {"text": "cloison run, whole command, in crun runs", "value": 1.4, "low": 1.2, "high": 1.6,
     "interval": "99% interval", "target": "< 1", "verdict": "fails", "n": 8, "scenario": "s02-start"},
]
for what, target, value, unit, verdict, reason in (
        ("OCI run + delete", "<= 1.3 x floor", 1.24, "x", "met", None),
        ("exec into a running container", "<= 2.5 x floor", 2.6, "x", "missed", None),
        ("supervisor, per idle container", "<= 32 KiB", None, "KiB", "not measured",
         "this bench has no system cloisond")):
    doc["targets"].append({"what": what, "target": target, "value": value,
                           "low": value and value * 0.97, "high": value and value * 1.03,
                           "interval": "99% interval", "unit": unit, "verdict": verdict,
                           "reason": reason, "from": "s02-start cloison / floor whole"})
print(json.dumps(doc, indent=1))
