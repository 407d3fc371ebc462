// Command flanneld gives every node of a cluster a subnet of the pod network and a vxlan route to
// all others, as the flannel project's own daemon does with --kube-subnet-mgr. It is a main of our
// own over that project's packages: the subset a lab cluster needs, built without cgo.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/flannel-io/flannel/pkg/backend"
	_ "github.com/flannel-io/flannel/pkg/backend/vxlan"
	"github.com/flannel-io/flannel/pkg/ip"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	"github.com/flannel-io/flannel/pkg/subnet"
	"github.com/flannel-io/flannel/pkg/subnet/kube"
	"github.com/flannel-io/flannel/pkg/trafficmngr"
	"github.com/flannel-io/flannel/pkg/trafficmngr/iptables"
	"github.com/flannel-io/flannel/pkg/trafficmngr/nftables"
)

const (
	annotationPrefix = "flannel.alpha.coreos.com"
	resyncSeconds    = 5
)

type options struct {
	kubeSubnetManager bool
	masquerade        bool
	iface             string
	kubeconfig        string
	subnetFile        string
	configFile        string
}

func main() {
	var o options
	flag.BoolVar(&o.kubeSubnetManager, "kube-subnet-mgr", false, "take subnets from the Nodes' podCIDR (the only mode there is)")
	flag.BoolVar(&o.masquerade, "ip-masq", false, "masquerade traffic that leaves the pod network")
	flag.StringVar(&o.iface, "iface", "", "interface that reaches the other nodes (default: that of the default route)")
	flag.StringVar(&o.kubeconfig, "kubeconfig-file", "", "kubeconfig (default: the pod's service account)")
	flag.StringVar(&o.subnetFile, "subnet-file", "/run/flannel/subnet.env", "where the node's subnet is written")
	flag.StringVar(&o.configFile, "net-config-path", "/etc/kube-flannel/net-conf.json", "network configuration")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "flanneld:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if !o.kubeSubnetManager {
		return fmt.Errorf("start: only --kube-subnet-mgr is supported")
	}
	manager, err := kube.NewSubnetManager(ctx, "", o.kubeconfig, annotationPrefix, o.configFile, true)
	if err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	config, err := manager.GetNetworkConfig(ctx)
	if err != nil {
		return fmt.Errorf("read network configuration: %w", err)
	}
	stack, err := ipmatch.GetIPFamily(config.EnableIPv4, config.EnableIPv6)
	if err != nil {
		return fmt.Errorf("choose address family: %w", err)
	}
	publicIP, publicIPv6 := manager.GetStoredPublicIP(ctx)
	external, err := ipmatch.LookupExtIface(o.iface, "", "", stack,
		ipmatch.PublicIPOpts{PublicIP: publicIP, PublicIPv6: publicIPv6})
	if err != nil {
		return fmt.Errorf("find interface: %w", err)
	}
	driver, err := backend.NewManager(ctx, manager, external).GetBackend(config.BackendType)
	if err != nil {
		return fmt.Errorf("choose backend %q: %w", config.BackendType, err)
	}

	var background sync.WaitGroup
	network, err := driver.RegisterNetwork(ctx, &background, config)
	if err != nil {
		return fmt.Errorf("register network: %w", err)
	}
	if err := filter(ctx, o, config, network); err != nil {
		return err
	}
	lease := network.Lease()
	err = manager.HandleSubnetFile(o.subnetFile, config, o.masquerade, lease.Subnet, lease.IPv6Subnet, network.MTU())
	if err != nil {
		return fmt.Errorf("write %s: %w", o.subnetFile, err)
	}
	background.Add(1)
	go func() {
		defer background.Done()
		network.Run(ctx)
	}()
	if err := manager.CompleteLease(ctx, lease, &background); err != nil {
		return fmt.Errorf("report the node's network as available: %w", err)
	}
	background.Wait()
	return nil
}

// filter writes the packet rules: accept forwarded pod traffic, and masquerade what leaves the
// pod network when asked to. The managers keep restoring their rules until ctx ends.
func filter(ctx context.Context, o options, config *subnet.Config, network backend.Network) error {
	var rules trafficmngr.TrafficManager = &iptables.IPTablesManager{}
	if config.EnableNFTables {
		rules = &nftables.NFTablesManager{}
	}
	if err := rules.Init(ctx); err != nil {
		return fmt.Errorf("prepare packet rules: %w", err)
	}
	if o.masquerade {
		// A zero previous network: nothing of an earlier run survives a change of subnet here.
		err := rules.SetupAndEnsureMasqRules(ctx,
			config.Network, ip.IP4Net{}, ip.IP4Net{},
			config.IPv6Network, ip.IP6Net{IP: ip.FromIP6(make([]byte, 16))}, ip.IP6Net{IP: ip.FromIP6(make([]byte, 16))},
			network.Lease(), resyncSeconds, false)
		if err != nil {
			return fmt.Errorf("write masquerade rules: %w", err)
		}
	}
	rules.SetupAndEnsureForwardRules(ctx, config.Network, config.IPv6Network, resyncSeconds)
	return nil
}
