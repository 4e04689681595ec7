package dev.sinter.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sinter.compiler.InputShapes;
import dev.sinter.compiler.measure.MachineLimits;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.onnx.export.OnnxFileWriter;
import dev.sinter.passes.WeightStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrialTest {
  private static final Path LIBRARIES = Path.of("target/libtorch").toAbsolutePath();

  private static int[] sizes(String numbers) {
    return Arrays.stream(numbers.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
  }

  private static Line line(Path folder, String network, String numbers, Optional<Path> libtorch)
      throws IOException {
    Path file = folder.resolve(network + ".onnx");
    OnnxFileWriter.write(Networks.of(network, sizes(numbers)), file);
    try (Trial trial = new Trial(file, WeightStorage.F32)) {
      return trial.run(
          network, trial.arguments(InputShapes.NONE), 1, new MachineLimits(1, 1), 0.01, libtorch);
    }
  }

  @ParameterizedTest
  @CsvSource({"softmax, 4 8", "layernorm, 4 8", "lstm, 1 2"})
  void answersAreThoseOfOnnxRuntime(String network, String numbers, @TempDir Path folder)
      throws IOException {
    Line line = line(folder, network, numbers, Optional.empty());

    assertThat(line.failure()).isEmpty();
    assertThat(line.peers()).containsOnlyKeys("onnxruntime");
    assertThat(line.maxError()).isLessThan(1e-5);
    assertThat(line.ratio()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"softmax, 4 8", "layernorm, 4 8", "gemm, 4 8 16", "lstm, 1 2", "lenet, 1"})
  void answersAreThoseOfLibtorch(String network, String numbers, @TempDir Path folder)
      throws IOException {
    assumeTrue(Libtorch.isHere(), "libtorch has not been fetched by a bench");
    Line line = line(folder, network, numbers, Optional.of(LIBRARIES));

    assertThat(line.failure()).isEmpty();
    assertThat(line.peers()).containsOnlyKeys("onnxruntime", "libtorch");
    assertThat(line.maxError()).isLessThan(1e-5);
  }

  @Test
  void argumentsHaveTheSizesThatAreGivenOrNoneAreDrawn(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("softmax.onnx");
    OnnxFileWriter.write(Networks.of("softmax", 4, 8), file);
    try (Trial trial = new Trial(file, WeightStorage.F32)) {
      String name = trial.arguments(InputShapes.NONE).keySet().iterator().next();
      InputShapes right = new InputShapes(Map.of(name, List.of(4L, 8L)));
      assertThat(Objects.requireNonNull(trial.arguments(right).get(name)).shape())
          .containsExactly(4, 8);
      InputShapes wrong = new InputShapes(Map.of(name, List.of(4L, 9L)));
      assertThatThrownBy(() -> trial.arguments(wrong)).isInstanceOf(DiagnosticException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"softmax, 4 8", "gemm, 4 8 16", "lstm, 1 2", "lenet, 1", "mlp, 1", "mobilenetv2, 1"})
  void networksOfTheSuiteCanBeWrittenForLibtorch(String network, String numbers) {
    TorchNetwork.Script script = TorchNetwork.of(Networks.of(network, sizes(numbers)));

    assertThat(script.inputs()).hasSize(1);
    assertThat(script.lines()).contains(script.results().getFirst() + " = torch.");
  }
}
