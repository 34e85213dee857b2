package poll

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// names answers DNS questions: each name has one address after the other.
type names struct {
	addresses map[string][]string
	asked     atomic.Int32
}

// resolver is one that asks it over a pipe.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go n.serve(server)
		return client, nil
	}}
}

// serve answers questions as over TCP, each behind its length.
func (n *names) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	for {
		size := make([]byte, 2)
		if _, err := c.Read(size); err != nil {
			return
		}
		q := make([]byte, binary.BigEndian.Uint16(size))
		if _, err := c.Read(q); err != nil {
			return
		}
		end := 12
		var labels []string
		for q[end] != 0 {
			labels = append(labels, string(q[end+1:end+1+int(q[end])]))
			end += 1 + int(q[end])
		}
		kind := binary.BigEndian.Uint16(q[end+1:])
		question := q[12 : end+5]
		var answer []byte
		if list := n.addresses[strings.ToLower(strings.Join(labels, "."))]; len(list) > 0 {
			a := netip.MustParseAddr(list[min(int(n.asked.Load()), len(list)-1)])
			if a.Is4() && kind == 1 || a.Is6() && kind == 28 {
				raw := a.AsSlice()
				answer = append([]byte{0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(raw))}, raw...)
			}
			if kind == 28 {
				n.asked.Add(1)
			}
		}
		msg := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, byte(min(len(answer), 1)), 0, 0, 0, 0}, question...)
		msg = append(msg, answer...)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)); err != nil {
			return
		}
	}
}

// notPublic are addresses that may not be reached.
func notPublic() []string {
	return []string{"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3", "127.255.255.255",
		"169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1",
		"192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:db8::1", "2001:20::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1",
		"fe80::1", "febf::1", "fec0::1", "ff01::1", "ff02::1", "ff0e::1"}
}

// TestNoVectorConnects asks for what an attacker would have a server ask for. A
// listener on all of the machine's addresses counts who comes.
func TestNoVectorConnects(t *testing.T) {
	var came atomic.Int32
	listener, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came.Add(1) }),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				came.Add(1)
			}
		}}}
	s.Start()
	defer s.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	t.Setenv("HTTP_PROXY", fmt.Sprintf("http://127.0.0.1:%d", port))
	t.Setenv("http_proxy", fmt.Sprintf("http://127.0.0.1:%d", port))
	t.Setenv("ALL_PROXY", fmt.Sprintf("socks5://127.0.0.1:%d", port))

	dns := &names{addresses: map[string][]string{"rebinds.test": {"127.0.0.1"}, "localtest.test": {"127.0.0.1"}, "six.test": {"::1"}, "metadata.test": {"169.254.169.254"}}}
	vectors := map[string]string{} // URL to what it is refused by
	refused, urls := "is not public", "the URL"
	for i, a := range notPublic() {
		host := a
		if strings.Contains(a, ":") {
			host = "[" + a + "]"
		}
		vectors[fmt.Sprintf("http://%s:%d/", host, port)] = refused
		dns.addresses[fmt.Sprintf("n%d.test", i)] = []string{a}
		vectors[fmt.Sprintf("http://n%d.test:%d/", i, port)] = refused
	}
	for _, host := range []string{"localhost", "LOCALHOST", "rebinds.test", "RebindS.test.", "localtest.test", "six.test", "metadata.test", "[::1%25lo]",
		"[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[0000::1]"} {
		vectors[fmt.Sprintf("http://%s:%d/", host, port)] = refused
		vectors[fmt.Sprintf("https://%s:%d/", host, port)] = refused
	}
	// Forms that some resolvers take for addresses: they may be names that are not
	// there, or addresses that are refused.
	for _, host := range []string{"2130706433", "0x7f000001", "017700000001", "127.1", "127.0.1", "0x7f.0.0.1", "0177.0.0.1", "0", "127.0.0.1.", "localhost.", "①②⑦.⓪.⓪.①", "3232235521"} {
		vectors[fmt.Sprintf("http://%s:%d/", host, port)] = ""
	}
	for _, u := range []string{"file:///etc/passwd", "gopher://127.0.0.1:%d/", "ftp://127.0.0.1:%d/", "dict://127.0.0.1:%d/", "unix:///var/run/docker.sock", "ldap://127.0.0.1:%d/",
		"//127.0.0.1:%d/", "127.0.0.1:%d", "http:127.0.0.1:%d", "http:///127.0.0.1:%d", "jar:http://127.0.0.1:%d!/", "data:text/plain,x", "javascript:alert(1)",
		"http://user@127.0.0.1:%d/", "http://example.com@127.0.0.1:%d/", "http://user:pass@localhost:%d/", "ws://127.0.0.1:%d/", ""} {
		if strings.Contains(u, "%d") {
			u = fmt.Sprintf(u, port)
		}
		vectors[u] = urls
	}
	require.GreaterOrEqual(t, len(vectors), 80)
	c := newClient(nil, dns.resolver())
	for u, want := range vectors {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, err := c.Do(ctx, Request{Method: http.MethodGet, URL: u})
		cancel()
		require.ErrorContains(t, err, want, "%s", u)
		if want != "" {
			require.True(t, Permanent(err), "%s: %v", u, err)
		}
	}
	require.Zero(t, came.Load(), "somebody connected")
}

func TestPermits_PublicAddressesAndThoseThatAreAllowed(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.167.0.1", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8"} {
		require.True(t, guard{}.permits(netip.MustParseAddr(a)), a)
	}
	for _, a := range notPublic() {
		require.False(t, guard{}.permits(netip.MustParseAddr(a)), a)
	}
	g := guard{prefixes("10.1.0.0/16", "fd00::/8")}
	for a, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd12::1": true, "fc00::1": false, "127.0.0.1": false} {
		require.Equal(t, want, g.permits(netip.MustParseAddr(a)), a)
	}
	require.Error(t, guard{}.control("unix", "/var/run/docker.sock", nil))
	require.Error(t, guard{prefixes("127.0.0.0/8")}.control("udp4", "127.0.0.1:53", nil))
}

// TestANameThatIsReboundIsRefused has a name that was public when it was looked at
// first lead to the machine itself the next time.
func TestANameThatIsReboundIsRefused(t *testing.T) {
	t.Parallel()
	came := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came++ }))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	dns := &names{addresses: map[string][]string{"turns.test": {"8.8.8.8", "127.0.0.1"}}}
	addrs, err := dns.resolver().LookupNetIP(t.Context(), "ip4", "turns.test")
	require.NoError(t, err)
	require.Equal(t, "8.8.8.8", addrs[0].String(), "the first answer")
	dns.asked.Store(1)
	var refused *AddressError
	_, err = newClient(nil, dns.resolver()).Do(t.Context(), Request{Method: "GET", URL: "http://turns.test:" + port})
	require.ErrorAs(t, err, &refused)
	require.Zero(t, came)
}
