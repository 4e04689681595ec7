package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every op against a reference of loops, and its derivatives against differences.
class OpTest {
  static List<OpCase> cases() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(PrimitiveCases.all());
    cases.addAll(WindowCases.all());
    cases.addAll(CompositeCases.all());
    cases.addAll(ControlFlowCases.all());
    return cases;
  }

  static Stream<OpCase> differentiable() {
    return cases().stream()
        .filter(OpCase::hasDerivative)
        .filter(c -> c.types().stream().anyMatch(t -> t.dtype().isFloat()))
        .filter(c -> c.region().results().stream().anyMatch(r -> r.type().dtype().isFloat()));
  }

  @Test
  void everyOpHasACase() {
    List<Class<?>> ops = new ArrayList<>();
    for (Class<?> kind : List.of(Primitive.class, Composite.class, ControlFlow.class)) {
      ops.addAll(Arrays.asList(kind.getPermittedSubclasses()));
    }
    assertThat(cases().stream().map(c -> (Object) c.op().getClass()).distinct())
        .containsExactlyInAnyOrderElementsOf(ops);
  }

  @TestFactory
  Stream<DynamicTest> computesWhatTheReferenceSays() {
    return cases().stream()
        .map(c ->
            dynamicTest(
                c.toString(),
                () ->
                    assertThat(Gradients.run(c.region(), c.inputs()).getFirst().toDoubleArray())
                        .containsExactly(c.elements(), within(1e-12))));
  }

  @TestFactory
  Stream<DynamicTest> hasTheDerivativeThatDifferencesShow() {
    return differentiable()
        .map(c ->
            dynamicTest(
                c.toString(), () -> Gradients.check(Gradients.weighted(c.region()), c.inputs())));
  }

  /// The derivative is made of ops that have derivatives again, and they are right too.
  @TestFactory
  Stream<DynamicTest> hasTheSecondDerivativeThatDifferencesShow() {
    return differentiable()
        .map(c ->
            dynamicTest(
                c.toString(),
                () -> {
                  Region first = Gradients.gradient(Gradients.weighted(c.region()));
                  Gradients.check(Gradients.weighted(first), c.inputs());
                }));
  }
}
