import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Starts one node of OpenSearch on this machine alone, and ends it with the process that is named. */
class OpenSearchStarter {
    public static void main(String[] words) throws Exception {
        String folder = words[0];
        String port = words[1];
        long parent = Long.parseLong(words[2]);
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("network.host", "127.0.0.1");
            settings.put("discovery.type", "single-node");
            settings.put("http.port", port);
            settings.put("transport.port", "0");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        }).build(OpenSearchRunner.newConfigs().basePath(folder).numOfNode(1).clusterName("elt-tests"));
        while (ProcessHandle.of(parent).map(ProcessHandle::isAlive).orElse(false)) {
            Thread.sleep(500);
        }
        System.exit(0);
    }
}
