package dev.sinter.onnx.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Closeness;
import dev.sinter.testkit.RandomGraphs;
import dev.sinter.testkit.RandomGraphs.Sample;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random graphs of every op, exported: whoever reads the file answers what the graph means.
class RandomExportTest {
  /// What ONNX Runtime's Java interface does not hand over.
  private static final Set<DType> UNKNOWN =
      EnumSet.of(DType.I4, DType.U4, DType.U16, DType.U32, DType.U64);

  @TempDir private Path folder = Path.of("");

  private static Sample sample(int seed, int nodes) {
    // A range or a slice whose size data tells is imported from files that say how large it is.
    return RandomGraphs.sample(
        seed, new RandomGraphs.Options(nodes, false, DType.F32, op -> !op.equals("runtime_size")));
  }

  private static void check(Sample sample, int seed, List<Tensor> answers) {
    assertThat(Closeness.fault(sample.graph(), sample.inputs(), answers).orElse(""))
        .as("seed %d: %s", seed, sample)
        .isEmpty();
  }

  @Test
  void everyOpIsImportedAsWhatItWas() throws IOException {
    for (int seed = 0; seed < Tier.current().cases(60, 3000); seed++) {
      Sample sample = sample(seed, 1);
      check(sample, seed, ExportedModel.of(sample).importedAgain(sample.inputs()));
    }
  }

  @Test
  void graphsAreImportedAsWhatTheyWere() throws IOException {
    for (int seed = 0; seed < Tier.current().cases(10, 500); seed++) {
      Sample sample = sample(seed, 12);
      check(sample, seed, ExportedModel.of(sample).importedAgain(sample.inputs()));
    }
  }

  /// All but what ONNX Runtime has no kernels for.
  @Test
  void everyOpRunsInOnnxRuntime() throws IOException {
    Assumptions.assumeTrue(Tier.current() == Tier.FULL, "in -Pfull only");
    for (int seed = 0; seed < 2000; seed++) {
      Sample sample =
          RandomGraphs.sample(
              seed, new RandomGraphs.Options(seed % 4 == 0 ? 8 : 1, false, DType.F32, op -> true));
      if (isHandedOver(sample.graph())) {
        check(sample, seed, ExportedModel.of(sample).runByPeer(folder, sample.inputs()));
      }
    }
  }

  private static boolean isHandedOver(Graph graph) {
    return Stream.concat(graph.body().params().stream(), graph.body().results().stream())
            .noneMatch(value -> UNKNOWN.contains(value.type().dtype()))
        && graph.body().nodes().stream()
            .flatMap(node -> node.results().stream())
            .noneMatch(value -> value.type().dtype() == DType.F64);
  }
}
