package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Rename;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.assertj.core.api.InstanceOfAssertFactories;
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
    return CompileOptions.DEFAULT.withWeights(new GivenWeights(file, List.of()));
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
              Diagnostic misfit = fault.diagnostics().getFirst();
              assertThat(fault.diagnostics()).hasSize(1);
              assertThat(misfit.code()).isEqualTo(DiagnosticCode.WEIGHTS_MISFIT);
              assertThat(misfit.message())
                  .isEqualTo(
                      "w.safetensors does not fit the model: 1 missing, 1 unexpected, 1 of another"
                          + " type");
              assertThat(misfit.notes())
                  .containsExactly(
                      "missing:\n  fc1.bias: f32[37]; the file has fc3.bias: f32[10]",
                      "unexpected:\n  fc3.bias: f32[10]",
                      "of another type:\n  fc2.bias is f32[11] in the file, f32[10] in the model");
              assertThat(misfit.help()).isEmpty();
            });
  }

  private Diagnostic misfit(Map<String, Tensor> weights) throws IOException {
    CompileOptions options = saved(weights);
    return assertThatThrownBy(() -> compiled.weights(options))
        .asInstanceOf(InstanceOfAssertFactories.throwable(DiagnosticException.class))
        .actual()
        .diagnostics()
        .getFirst();
  }

  private static Map<String, Tensor> renamed(UnaryOperator<String> names) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    compiled.initialWeights(99).forEach((name, value) -> weights.put(names.apply(name), value));
    return weights;
  }

  @Test
  void aRuleIsProposedThatWouldHelp() throws IOException {
    assertThat(misfit(renamed(name -> "net.body." + name)).help())
        .singleElement()
        .asString()
        .contains("--rename 'net.body.{p} -> {p}'");
    Map<String, Tensor> more = renamed(name -> name);
    more.put("fc1.count", Tensor.zeros(DType.I64));
    assertThat(misfit(more).help()).singleElement().asString().contains("'fc1.count ->'");
    more.put("fc2.count", Tensor.zeros(DType.I64));
    assertThat(misfit(more).help()).singleElement().asString().contains("'{..p}.count ->'");
    Map<String, Tensor> turned = renamed(name -> name);
    long[] shape = Objects.requireNonNull(turned.get("fc1.weight")).shape();
    turned.put("fc1.weight", Tensor.zeros(DType.F32, shape[1], shape[0]));
    assertThat(misfit(turned).help())
        .singleElement()
        .asString()
        .contains("'fc1.weight -> fc1.weight with rearrange{a b -> b a}'");
  }

  @Test
  void longListsEnd() throws IOException {
    Map<String, Tensor> more = renamed(name -> name);
    for (int i = 0; i < 40; i++) {
      more.put("extra." + i, Tensor.zeros(DType.F32, 1));
    }
    Diagnostic misfit = misfit(more);
    assertThat(misfit.notes()).singleElement().asString().endsWith("\n  and 28 more");
    assertThat(misfit.help()).singleElement().asString().contains("'extra.{p} ->'");
  }

  @Test
  void rulesOfTheCallersNameTurnAndLeaveOutTensors() throws IOException {
    Map<String, Tensor> weights = renamed(name -> "h." + name);
    Tensor first = Objects.requireNonNull(weights.get("h.fc1.weight"));
    Tensor turned = Tensor.zeros(DType.F64, first.dim(1), first.dim(0));
    for (long o = 0; o < first.dim(0); o++) {
      for (long i = 0; i < first.dim(1); i++) {
        turned.setDouble(i * first.dim(0) + o, first.getDouble(o * first.dim(1) + i));
      }
    }
    weights.put("h.fc1.weight", turned);
    weights.put("step", Tensor.zeros(DType.I64));
    Path file = folder.resolve("h.safetensors");
    Safetensors.write(file, weights, Map.of());
    List<Rename> rules =
        List.of(
            Rename.parse("step ->"),
            Rename.parse("h.fc1.weight -> fc1.weight with rearrange{i o -> o i}"),
            Rename.parse("h.{p} -> {p}"));
    Map<String, Tensor> read =
        compiled.weights(CompileOptions.DEFAULT.withWeights(new GivenWeights(file, rules)));
    Map<String, Tensor> expected = compiled.initialWeights(99);
    assertThat(read.keySet()).isEqualTo(expected.keySet());
    // f64 is read as f32, which here loses nothing.
    read.forEach((name, tensor) ->
        assertThat(tensor.contentEquals(Objects.requireNonNull(expected.get(name)))).isTrue());
  }
}
