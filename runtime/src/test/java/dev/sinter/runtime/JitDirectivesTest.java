package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class JitDirectivesTest {
  @Test
  void theJvmKnowsTilesByTheNamesThatGeneratedCodeGivesThem() throws JMException {
    assumeTrue(JitDirectives.tilesLeftToC2().join(), "no JVM that leaves tiles to C2");
    Object directives =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "compilerDirectivesPrint",
                new Object[0],
                new String[0]);
    assertThat((String) directives).contains("sinter/models/*." + Program.TILE + "*");
  }
}
