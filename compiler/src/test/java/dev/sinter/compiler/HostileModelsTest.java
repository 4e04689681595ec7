package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.compiler.conformance.TestSuite;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.Passes;
import dev.sinter.passes.Watcher;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// ONNX files with bits flipped are refused, or they are other models, which have loops: nothing
/// between file and code falls over what no operator's rule has looked at.
class HostileModelsTest {
  private static final String TESTS = "onnx-conformance/onnx-conformance-public.zip";
  private static final int LARGEST = 20_000;
  private static final long SEED = 3;

  private final Path path = Repository.current().shared(TESTS);

  @Test
  void flippedBitsAreRefusedOrLowered() throws IOException {
    Random random = new Random(SEED);
    List<String> faults = new ArrayList<>();
    int lowered = 0;
    try (TestSuite suite = TestSuite.open(path)) {
      for (int i = 0; i < Tier.current().cases(150, 10_000); i++) {
        int number = random.nextInt(suite.size());
        byte[] file = bytes(suite.read(number).model());
        if (file.length > LARGEST) {
          continue;
        }
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          Passes.lower(
              read(file),
              Schedules::lower,
              ScheduleTable.EMPTY,
              MathMode.FAST,
              WeightStorage.F32,
              Watcher.NONE);
          lowered++;
        } catch (DiagnosticException | OnnxFormatException e) {
          assertThat(e.getMessage()).isNotBlank();
        } catch (RuntimeException e) {
          faults.add("mutant %d of %s: %s".formatted(i, suite.name(number), e));
        }
      }
    }
    assertThat(faults).isEmpty();
    assertThat(lowered).isPositive();
  }

  private static ModelGraph read(byte[] file) throws OnnxFormatException {
    return OnnxImporter.read(
        OnnxReader.model(ByteBuffer.wrap(file)), "Test", "test", TensorData.INLINE, Map.of());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
