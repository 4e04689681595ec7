package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Loops have at most as many turns as the caller allows.
class HoldTurnsTest {
  /// Doubles `x` until it is 100 or more.
  private static ModelGraph doubling(long limit, boolean fails) {
    return model(
        """
        graph forward(argument x %%x: f32[]) {
          %%y: f32[] = while(%%x) {carried = 1, limit = %d, fails = %s}
            region(%%x: f32[]) {
              %%most: f32[] = fill() {dtype = f32, real = 100.0, integer = 0, shape = []}
              %%again: bool[] = lt(%%x, %%most)
              return %%again
            }
            region(%%x: f32[]) {
              %%twice: f32[] = add(%%x, %%x)
              return %%twice
            }
          return argument y = %%y
        }
        """
            .formatted(limit, fails));
  }

  private static ModelGraph model(String text) {
    return new ModelGraph(
        "m", List.of(), List.of(GraphParser.graph(text)), Optional.empty(), Contracts.NONE);
  }

  private static Map<String, Tensor> x(float value) {
    return Map.of("x", Tensor.of(new float[] {value}));
  }

  @Test
  void aLoopThatGoesOnFailsAndTheSessionServesTheNextCall() {
    Compiler compiler = new Compiler(CompileOptions.DEFAULT.withMostTurns(5));
    try (Model model = compiler.compile(doubling(Integer.MAX_VALUE, true)).load(Map.of());
        Session session = model.session(1)) {
      assertThat(Objects.requireNonNull(session.run(x(5)).get("y")).getDouble(0)).isEqualTo(160);
      assertThatThrownBy(() -> session.run(x(0)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("a loop of forward has not ended after 5 turns");
      assertThatThrownBy(() -> session.run(x(3))).isInstanceOf(ModelException.class);
      assertThat(Objects.requireNonNull(session.run(x(50)).get("y")).getDouble(0)).isEqualTo(100);
    }
  }

  @Test
  void theInterpreterHoldsItToo() {
    ModelGraph held = HoldTurns.in(doubling(Integer.MAX_VALUE, true), 5);
    assertThatThrownBy(() -> Interpreter.rounding().run(held.entries().getFirst(), x(0)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("after 5 turns");
    ModelGraph ends = HoldTurns.in(doubling(5, false), 3);
    assertThat(
            Interpreter.rounding().run(ends.entries().getFirst(), x(1)).values().stream()
                .map(y -> y.getDouble(0)))
        .containsExactly(32.0);
  }

  @Test
  void aLoopOfMoreTurnsThanAllowedIsRefused() {
    ModelGraph model =
        model(
            """
            graph forward(argument x %x: f32[]) {
              %y: f32[] = scan(%x) {steps = 1099511627776, carried = 1, walked = 0}
                region(%turn: i32[], %x: f32[]) {
                  %twice: f32[] = add(%x, %x)
                  return %twice
                }
              return argument y = %y
            }
            """);
    assertThatThrownBy(() -> new Compiler(CompileOptions.DEFAULT).compile(model))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("this loop has 1099511627776 turns");
  }
}
