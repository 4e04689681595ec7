package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GivenWeightsTest {
  private static CompiledModel compiled;

  @TempDir Path folder;

  @BeforeAll
  static void compile() {
    compiled = new Compiler(CompileOptions.DEFAULT).compile(SampleGraphs.mlp());
  }

  private CompileOptions saved(Map<String, Tensor> weights) throws IOException {
    Path file = folder.resolve("w.safetensors");
    Safetensors.write(file, weights, Map.of());
    return CompileOptions.DEFAULT.withWeights(file);
  }

  @Test
  void aFileThatFitsGivesItsValues() throws IOException {
    Map<String, Tensor> weights = compiled.initialWeights(99);
    Map<String, Tensor> read = compiled.weights(saved(weights));
    assertThat(read.keySet()).isEqualTo(weights.keySet());
    read.forEach((name, tensor) ->
        assertThat(tensor.contentEquals(Objects.requireNonNull(weights.get(name)))).isTrue());
  }

  @Test
  void everythingThatDoesNotFitIsSaidAtOnce() throws IOException {
    Map<String, Tensor> weights = new LinkedHashMap<>(compiled.initialWeights(99));
    weights.remove("fc1.bias");
    weights.put("fc2.bias", Tensor.zeros(DType.F32, 11));
    weights.put("fc3.bias", Tensor.zeros(DType.F32, 10));
    CompileOptions options = saved(weights);
    assertThatThrownBy(() -> compiled.weights(options))
        .isInstanceOfSatisfying(
            DiagnosticException.class,
            fault -> {
              List<DiagnosticCode> codes =
                  fault.diagnostics().stream().map(Diagnostic::code).toList();
              assertThat(codes)
                  .containsExactly(
                      DiagnosticCode.WEIGHT_MISSING,
                      DiagnosticCode.WEIGHT_MISMATCH,
                      DiagnosticCode.WEIGHT_UNEXPECTED);
            })
        .hasMessageContaining("the file has no tensor for fc1.bias")
        .hasMessageContaining("fc2.bias is f32[11] in the file")
        .hasMessageContaining("the model has no parameter fc3.bias");
  }
}
