// One Ignite server node, configured by arguments; it runs until it is killed. See usage() for the arguments.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cluster.ClusterState;
import org.apache.ignite.configuration.ClientConnectorConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.configuration.ThinClientConfiguration;
import org.apache.ignite.configuration.WALMode;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.apache.ignite.ssl.SslContextFactory;

final class IgniteServer {
    private static final long MIB = 1 << 20;

    private final Map<String, String> options = new HashMap<>();

    private IgniteServer(String[] args) {
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (!arg.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException(usage());
            }
            options.put(arg.substring(2, equals), arg.substring(equals + 1));
        }
    }

    public static void main(String[] args) throws Exception {
        IgniteServer server = new IgniteServer(args);
        Ignite ignite = Ignition.start(server.configuration());
        server.activate(ignite);
        System.out.println("READY " + ignite.name() + " " + ignite.version());
    }

    private static String usage() {
        return String.join("\n",
            "arguments, each as --name=value:",
            "  work         folder for data and logs",
            "  name         unique in the cluster",
            "  host         address of the client port (127.0.0.1)",
            "  client-port, discovery-port, communication-port",
            "  seeds        host:discovery-port of every node, separated by commas",
            "  auth         true: users, and so persistence; the first user is ignite / ignite",
            "  key-store, trust-store, store-password: TLS on the client port, from PKCS#12 files");
    }

    private String text(String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException("--" + name + " is missing; " + usage());
        }
        return value;
    }

    private int port(String name) {
        return Integer.parseInt(text(name));
    }

    private boolean auth() {
        return Boolean.parseBoolean(options.getOrDefault("auth", "false"));
    }

    private List<String> seeds() {
        return Arrays.asList(text("seeds").split(","));
    }

    private IgniteConfiguration configuration() throws Exception {
        Path work = Path.of(text("work")).toAbsolutePath();
        Files.createDirectories(work);
        IgniteConfiguration config = new IgniteConfiguration();
        config.setIgniteInstanceName(text("name"));
        config.setConsistentId(text("name"));
        config.setIgniteHome(work.toString());
        config.setWorkDirectory(work.toString());
        config.setLocalHost("127.0.0.1");
        config.setAuthenticationEnabled(auth());
        config.setPeerClassLoadingEnabled(false);
        // No metrics in the log, no REST port.
        config.setMetricsLogFrequency(0);
        config.setConnectorConfiguration(null);
        // Tests that pause a node must not wait long until it is dropped.
        config.setFailureDetectionTimeout(5_000);

        TcpDiscoverySpi discovery = new TcpDiscoverySpi();
        discovery.setLocalPort(port("discovery-port"));
        discovery.setLocalPortRange(0);
        discovery.setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(seeds()));
        config.setDiscoverySpi(discovery);
        TcpCommunicationSpi communication = new TcpCommunicationSpi();
        communication.setLocalPort(port("communication-port"));
        communication.setLocalPortRange(0);
        config.setCommunicationSpi(communication);

        config.setClientConnectorConfiguration(clients());
        config.setDataStorageConfiguration(storage());
        return config;
    }

    private ClientConnectorConfiguration clients() {
        ClientConnectorConfiguration clients = new ClientConnectorConfiguration();
        clients.setHost(options.getOrDefault("host", "127.0.0.1"));
        clients.setPort(port("client-port"));
        clients.setPortRange(0);
        // Without a number of its own a server refuses compute tasks of thin clients.
        clients.setThinClientConfiguration(new ThinClientConfiguration().setMaxActiveComputeTasksPerConnection(100));
        if (options.containsKey("key-store")) {
            char[] password = text("store-password").toCharArray();
            SslContextFactory tls = new SslContextFactory();
            tls.setKeyStoreType("PKCS12");
            tls.setKeyStoreFilePath(text("key-store"));
            tls.setKeyStorePassword(password);
            tls.setTrustStoreType("PKCS12");
            tls.setTrustStoreFilePath(text("trust-store"));
            tls.setTrustStorePassword(password);
            clients.setSslEnabled(true);
            clients.setUseIgniteSslContextFactory(false);
            clients.setSslContextFactory(tls);
        }
        return clients;
    }

    private DataStorageConfiguration storage() {
        DataRegionConfiguration region = new DataRegionConfiguration();
        region.setInitialSize(64 * MIB);
        region.setMaxSize(256 * MIB);
        // Users are kept in the storage, so authentication needs persistence.
        region.setPersistenceEnabled(auth());
        DataStorageConfiguration storage = new DataStorageConfiguration();
        storage.setDefaultDataRegionConfiguration(region);
        // The defaults reserve 640 MiB of log for an empty node.
        storage.setWalMode(WALMode.LOG_ONLY);
        storage.setWalSegments(4);
        storage.setWalSegmentSize((int) (8 * MIB));
        storage.setMaxWalArchiveSize(64 * MIB);
        return storage;
    }

    // A persistent cluster is inactive until told otherwise; the node that completes it does so.
    private void activate(Ignite ignite) {
        boolean complete = ignite.cluster().forServers().nodes().size() >= seeds().size();
        if (auth() && complete && ignite.cluster().state() == ClusterState.INACTIVE) {
            ignite.cluster().state(ClusterState.ACTIVE);
        }
    }
}
