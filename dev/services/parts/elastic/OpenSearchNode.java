import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/** A real OpenSearch node from Maven Central jars: args = home directory, conf directory (opensearch.yml, log4j2.properties). */
public class OpenSearchNode {
    static final String[] PLUGINS = {
        "org.opensearch.transport.Netty4Plugin", "org.opensearch.painless.PainlessPlugin",
        "org.opensearch.ingest.common.IngestCommonPlugin", "org.opensearch.join.ParentJoinPlugin",
        "org.opensearch.index.mapper.MapperExtrasPlugin", "org.opensearch.analysis.common.CommonAnalysisPlugin",
        "org.opensearch.index.reindex.ReindexPlugin" };

    static final class N extends Node {
        N(Environment env, Collection<Class<? extends Plugin>> plugins) {
            super(env, plugins, true);
        }
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] a) throws Exception {
        Settings s = Settings.builder().put("path.home", a[0]).build();
        Environment env = InternalSettingsPreparer.prepareEnvironment(s, Map.of(), Path.of(a[1]), () -> "n1");
        LogConfigurator.configure(env);
        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        for (String p : PLUGINS) plugins.add((Class<? extends Plugin>) Class.forName(p));
        N node = new N(env, plugins);
        CountDownLatch stop = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
            stop.countDown();
        }));
        node.start();
        stop.await();
    }
}
