// The workloads of the comparison with gocql: PROGRAM ADDRESS WORKLOAD TOTAL IN_FLIGHT.
//
// Statements, sums and sizes are those of benches/src/job.rs and work.rs.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/apache/cassandra-gocql-driver/v2/lz4"
)

const (
	insert = "INSERT INTO bench.kv (pk, v1, v2) VALUES (?, ?, ?)"
	wide   = "SELECT id, name, city, age, score, active, created, ref, payload, weight FROM bench.wide "
	page   = 5000
	batch  = 64
	keys   = 256
	warmUp = 10
)

// row is what one row of bench.wide is decoded to.
type row struct {
	id      int64
	name    string
	city    *string
	age     int32
	score   float64
	active  bool
	created time.Time
	ref     gocql.UUID
	payload []byte
	weight  float32
}

func (r *row) targets() []any {
	return []any{&r.id, &r.name, &r.city, &r.age, &r.score, &r.active, &r.created, &r.ref, &r.payload, &r.weight}
}

func (r *row) sum() uint64 {
	city := 0
	if r.city != nil {
		city = len(*r.city)
	}
	active := int64(0)
	if r.active {
		active = 1
	}
	return uint64(r.id + int64(len(r.name)) + int64(city) + int64(r.age) + int64(r.score) + active +
		r.created.UnixMilli() + int64(r.ref[15]) + int64(len(r.payload)) + int64(r.weight))
}

func main() {
	if len(os.Args) != 5 {
		log.Fatal("four arguments are wanted")
	}
	workload, total, inFlight := os.Args[2], number(os.Args[3]), number(os.Args[4])
	session := connect(os.Args[1], workload == "batch")
	var sum uint64
	before, after := new(runtime.MemStats), new(runtime.MemStats)
	if workload == "scan" || workload == "scan-pages" {
		runtime.ReadMemStats(before)
		sum = scan(session, total)
	} else {
		request := requestOf(session, workload)
		spread(inFlight*warmUp, inFlight, request)
		runtime.ReadMemStats(before)
		sum = spread(total, inFlight, request)
	}
	runtime.ReadMemStats(after)
	allocations := float64(after.Mallocs-before.Mallocs) / float64(total)
	fmt.Printf("sum=%d allocations=%.4f peak_kib=%d\n", sum, allocations, peak())
}

func connect(address string, compressed bool) *gocql.Session {
	host, port, err := net.SplitHostPort(address)
	check(err)
	cluster := gocql.NewCluster(host)
	cluster.Port = number(port)
	cluster.ProtoVersion = 4
	cluster.NumConns = 1
	cluster.Consistency = gocql.One
	cluster.PageSize = page
	cluster.DefaultTimestamp = false
	cluster.Timeout = 30 * time.Second
	if compressed {
		cluster.Compressor = lz4.LZ4Compressor{}
	}
	session, err := cluster.CreateSession()
	check(err)
	return session
}

// requestOf gives the function that runs one request of a workload and returns its part of the sum.
func requestOf(session *gocql.Session, workload string) func(int64) uint64 {
	switch workload {
	case "insert":
		return func(n int64) uint64 {
			check(session.Query(insert, n, n+1, n+2).Exec())
			return 1
		}
	case "select":
		return func(n int64) uint64 {
			var r row
			check(session.Query(wide+"WHERE id = ?", n%keys).Scan(r.targets()...))
			return r.sum()
		}
	case "batch":
		return func(n int64) uint64 {
			b := session.Batch(gocql.UnloggedBatch)
			for i := int64(0); i < batch; i++ {
				b.Query(insert, n, i, n+i)
			}
			check(b.Exec())
			return 1
		}
	}
	log.Fatalf("no workload is called %s", workload)
	return nil
}

func scan(session *gocql.Session, total int) uint64 {
	iter := session.Query(wide + "LIMIT " + strconv.Itoa(total)).Iter()
	var sum uint64
	for {
		var r row
		if !iter.Scan(r.targets()...) {
			break
		}
		sum += r.sum()
	}
	check(iter.Close())
	return sum
}

// spread runs request total times, inFlight at a time.
func spread(total, inFlight int, request func(int64) uint64) uint64 {
	var wait sync.WaitGroup
	var sum atomic.Uint64
	for task := 0; task < inFlight; task++ {
		share := total / inFlight
		if task < total%inFlight {
			share++
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			part := uint64(0)
			for n := 0; n < share; n++ {
				part += request(int64(task + n*inFlight))
			}
			sum.Add(part)
		}()
	}
	wait.Wait()
	return sum.Load()
}

// peak is the most memory that the process had, in KiB.
func peak() int {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			return number(strings.TrimSpace(strings.TrimSuffix(rest, "kB")))
		}
	}
	return 0
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
