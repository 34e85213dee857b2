package harness

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is a reading of the counters of this process and of the machine. What the
// machine does not count (outside of Linux) is 0.
type usage struct {
	at      time.Time
	cpu     float64 // seconds of this process
	written int64   // bytes this process handed to the file system
	busy    float64 // seconds of all processors, of all processes
}

func readUsage() usage {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // it cannot fail for this process
	u := usage{at: time.Now(), cpu: seconds(r.Utime) + seconds(r.Stime)}
	u.written = int64(field("/proc/self/io", "write_bytes:"))
	if b, err := os.ReadFile("/proc/stat"); err == nil {
		var user, nice, system, idle, wait, irq, soft float64
		if _, err := fmt.Sscanf(string(b), "cpu %g %g %g %g %g %g %g", &user, &nice, &system, &idle, &wait, &irq, &soft); err == nil {
			u.busy = (user + nice + system + irq + soft) / 100
		}
	}
	return u
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

// field returns the number behind name in a file of lines; 0 if there is none.
func field(file, name string) float64 {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			v, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return v
		}
	}
	return 0
}

// account sets in r what was used between two readings for n steps.
func (r *Report) account(a, b usage, n int) {
	r.Seconds = b.at.Sub(a.at).Seconds()
	r.BytesPerStep = float64(b.written-a.written) / float64(n)
	r.CPUPerStep = (b.cpu - a.cpu) * 1e6 / float64(n)
	r.OtherCPUs = max(0, (b.busy-a.busy-(b.cpu-a.cpu))/r.Seconds)
	r.PeakMemory = field("/proc/self/status", "VmHWM:") / 1024
}
