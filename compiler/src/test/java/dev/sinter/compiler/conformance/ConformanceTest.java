package dev.sinter.compiler.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.compiler.conformance.TestResult.Outcome;
import dev.sinter.compiler.conformance.TestRunner.Target;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The recorded tests of ONNX: what Sinter reads gives the recorded answers, interpreted and
/// compiled.
class ConformanceTest {
  private static final String TESTS = "onnx-conformance/onnx-conformance-public.zip";

  /// Networks of hundreds of megabytes are tried by the command only.
  private static final String LARGE = "light/";

  private final Path path = Repository.current().shared(TESTS);

  private List<String> faults(Target target, int count) throws IOException {
    List<String> faults = new ArrayList<>();
    int passed = 0;
    try (TestSuite suite = TestSuite.open(path)) {
      List<Integer> chosen = new ArrayList<>();
      for (int i = 0; i < suite.size(); i++) {
        if (!suite.name(i).startsWith(LARGE)) {
          chosen.add(i);
        }
      }
      Collections.shuffle(chosen, new Random(1));
      TestRunner runner = new TestRunner(target, (test, set, number, value) -> {});
      for (int number : chosen.subList(0, Math.min(count, chosen.size()))) {
        TestResult result = runner.run(suite, number);
        if (result.outcome() == Outcome.PASSED) {
          passed++;
        } else if (result.outcome() != Outcome.UNSUPPORTED) {
          faults.add("%s %s: %s".formatted(result.outcome(), suite.name(number), result.reason()));
        }
      }
    }
    assertThat(passed).isPositive();
    return faults;
  }

  @Test
  void whatIsReadIsInterpretedAsRecorded() throws IOException {
    assertThat(faults(Target.INTERPRETER, Tier.current().cases(200, 2000))).isEmpty();
  }

  @Test
  void whatIsReadIsCompiledAsRecorded() throws IOException {
    assertThat(faults(Target.JAVA, Tier.current().cases(25, 2000))).isEmpty();
  }
}
