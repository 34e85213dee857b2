package harness

// Report is what one run of one workload measured.
type Report struct {
	System    string `json:"system"`
	Workload  string `json:"workload"`
	Instances int    `json:"instances"`
	Starters  int    `json:"starters"`

	Seconds float64 `json:"seconds"` // from the first start until the last end was waited for
	Rate    float64 `json:"rate"`    // instances per second
	P50     float64 `json:"p50_ms"`  // from start to the end of Wait; of the workload latency
	P99     float64 `json:"p99_ms"`

	BytesPerStep float64 `json:"bytes_per_step"`  // handed to the file system
	CPUPerStep   float64 `json:"cpu_us_per_step"` // of the process, user and system, in microseconds
	PeakMemory   float64 `json:"peak_mib"`        // resident
	// OtherCPUs is how many processors other processes used meanwhile.
	OtherCPUs float64 `json:"other_cpus"`
}
