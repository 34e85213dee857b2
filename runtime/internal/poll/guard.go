package poll

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// AddressError says that an address may not be reached.
type AddressError struct{ Address string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("the address %s is not public, and not among Config.PollAllow of the host", e.Address)
}

// guard lets connections through to public addresses and to those that are allowed.
type guard struct{ allow []netip.Prefix }

// control is called for each connection before it is made, with the address that
// the name was resolved to.
func (g guard) control(network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" || !g.permits(ap.Addr()) {
		return &AddressError{address}
	}
	return nil
}

func (g guard) permits(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	contains := func(p netip.Prefix) bool { return p.Contains(a) }
	return slices.ContainsFunc(g.allow, contains) || public(a)
}

// public reports whether an address is one of the public internet.
func public(a netip.Addr) bool {
	contains := func(p netip.Prefix) bool { return p.Contains(a) }
	if a.Is4() {
		return !slices.ContainsFunc(special4(), contains)
	}
	return global6().Contains(a) && !slices.ContainsFunc(special6(), contains)
}

// special4 lists what of IPv4 is not public, after the registry of special-purpose
// addresses.
func special4() []netip.Prefix {
	return prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")
}

// global6 is what of IPv6 is given out to the public internet, but for special6.
// Outside lie loopback, mapped and translated IPv4, unique local and link-local
// addresses, and multicast.
func global6() netip.Prefix { return netip.MustParsePrefix("2000::/3") }

func special6() []netip.Prefix {
	return prefixes("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		list[i] = netip.MustParsePrefix(t)
	}
	return list
}
