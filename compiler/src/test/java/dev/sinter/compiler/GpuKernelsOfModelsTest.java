package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each kernel of a model has a form in PTX, or a reason why not.
class GpuKernelsOfModelsTest {
  @ParameterizedTest
  @ValueSource(strings = {"mlp", "step", "recurrent"})
  void everyKernelHasPtxOrAReason(String name) {
    ModelGraph graph = java.util.Objects.requireNonNull(SampleGraphs.all().get(name));
    CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(graph);
    GpuKernels gpu = compiled.gpu();
    List<String> known = new ArrayList<>(gpu.module().entries().keySet());
    known.addAll(gpu.refused().keySet());
    assertThat(known).containsExactlyInAnyOrderElementsOf(compiled.jar().names().kernels());
    assertThat(gpu.module().entries()).isNotEmpty();
    gpu.module()
        .entries()
        .keySet()
        .forEach(entry -> assertThat(gpu.module().text()).contains(".entry " + entry + "("));
    assertThat(gpu.refused().values()).noneMatch(String::isBlank);
  }
}
