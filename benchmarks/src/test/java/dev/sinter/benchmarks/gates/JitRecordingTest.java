package dev.sinter.benchmarks.gates;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JitRecordingTest {
  private static final String HOT = JitRecordingTest.class.getName() + "$Hot";

  private static final class Hot {
    static double work(int turns) {
      double sum = 0;
      for (int i = 1; i < turns; i++) {
        sum += Math.sqrt(i) / i;
      }
      return sum;
    }

    static double rare() {
      return work(3);
    }
  }

  @Test
  void seesWhatIsHotInCodeOfC2AndWhatIsNot() throws IOException {
    try (JitRecording recording = JitRecording.start()) {
      double[] sum = {Hot.rare()};
      recording.sampled(() -> {
        for (int i = 0; i < 30_000; i++) {
          sum[0] += Hot.work(10_000);
        }
      });
      var methods = recording.methods(HOT::equals);

      assertThat(sum[0]).isPositive();
      assertThat(methods).doesNotContainKey(HOT + ".rare");
      JitMethod work = Objects.requireNonNull(methods.get(HOT + ".work"));
      assertThat(work.code()).isEqualTo(JitMethod.Code.C2);
      assertThat(work.samples()).isPositive();
      assertThat(work.compilations()).isPositive();
      assertThat(work.bailOuts()).isEmpty();
    }
  }
}
