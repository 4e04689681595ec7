package dev.sinter.codegen.java;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.codegen.jar.InMemoryClasses;
import dev.sinter.codegen.jar.InMemoryCompiler;
import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Program;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Golden;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ProgramEmitterTest {
  private static final ProgramSet SET = TinyModel.programs();
  private static final GeneratedNames NAMES = GeneratedNames.of(SET);

  private static List<SourceFile> sources() {
    return new ProgramEmitter(SET, NAMES).emit();
  }

  private static Program program() throws ReflectiveOperationException {
    SortedMap<String, byte[]> classes = new InMemoryCompiler().compile(sources());
    MethodSizes.of(classes).check();
    return new InMemoryClasses(classes)
        .loadClass(NAMES.programName())
        .asSubclass(Program.class)
        .getConstructor()
        .newInstance();
  }

  private static Model model() throws ReflectiveOperationException {
    return Model.of(program(), Map.of("body.w", Tensor.of(new float[] {2, 3}, 2)));
  }

  private static Tensor rows(float... values) {
    return Tensor.of(values, values.length / 2, 2);
  }

  @Test
  void theSourcesReadAsTheyShould() {
    String all =
        sources().stream()
            .map(file -> "==== " + file.path() + "\n" + file.text())
            .collect(Collectors.joining("\n"));
    Golden.of("TinyModel.java.txt").check(all);
  }

  @Test
  void aStateIsAddedToFromCallToCall() throws ReflectiveOperationException {
    for (int threads = 1; threads <= 3; threads++) {
      try (Model model = model();
          Session session = model.session(threads)) {
        Map<String, Tensor> inputs = Map.of("x", rows(1, 2, 3, 4));
        assertThat(floats(session.run("forward", inputs), "y")).containsExactly(2, 6, 6, 12);
        assertThat(floats(session.run("forward", inputs), "y")).containsExactly(4, 12, 12, 24);
        assertThat(session.state("total").toFloatArray()).containsExactly(4, 12, 12, 24);
      }
    }
  }

  @Test
  void loopsAndChoicesReadTheirScalars() throws ReflectiveOperationException {
    try (Model model = model();
        Session session = model.session(2)) {
      session.run("forward", Map.of("x", rows(1, 1)));
      Map<String, Tensor> yes =
          session.run(
              "power of-total", Map.of("x", rows(1, 1), "flag", Tensor.of(new boolean[] {true})));
      // total is (2, 3); 3 turns of the repeat and 2 of the while, then total is added.
      assertThat(floats(yes, "class")).containsExactly(34, 246);
      Map<String, Tensor> no =
          session.run(
              "power of-total", Map.of("x", rows(1, 1), "flag", Tensor.of(new boolean[] {false})));
      assertThat(floats(no, "class")).containsExactly(3, 4);
    }
  }

  @Test
  void aFactThatDoesNotHoldIsSaid() throws ReflectiveOperationException {
    try (Model model = model();
        Session session = model.session(1)) {
      Map<String, Tensor> inputs = Map.of("x", rows(new float[2002]));
      assertThatThrownBy(() -> session.run("forward", inputs))
          .isInstanceOf(ShapeException.class)
          .hasMessage("forward needs N <= 1000, but N is 1001");
      Map<String, Tensor> empty = Map.of("x", rows());
      assertThatThrownBy(() -> session.run("forward", empty))
          .isInstanceOf(ShapeException.class)
          .hasMessage("forward needs N >= 1, but N is 0");
    }
  }

  @Test
  void theSameModelGivesTheSameText() {
    assertThat(sources()).isEqualTo(sources());
  }

  private static float[] floats(Map<String, Tensor> results, String name) {
    return Objects.requireNonNull(results.get(name)).toFloatArray();
  }
}
