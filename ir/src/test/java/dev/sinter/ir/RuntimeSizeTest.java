package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuntimeSizeTest {
  private static final String FIRST =
      """
      graph forward(argument x %x: f32[N, 2], argument c %c: i64[]) {
        runtime_size(%c) {symbol = "?n", bound = N}
        %y: f32[?n, 2] = comprehension(%x) {axes = [%0 < ?n, %1 < 2], body = $0[%0, %1]}
        %s: f32[2] = reduce(%y) {reducer = sum, axes = [0], accumulator = f32}
        return argument y = %y, argument s = %s
      }
      """;

  private static void verify(String text) {
    new Verifier("Simplify", false).verify(GraphParser.graph(text));
  }

  private static List<Tensor> run(String text, Tensor... inputs) {
    Graph graph = GraphParser.graph(text);
    new Verifier("Simplify", false).verify(graph);
    return Interpreter.rounding().run(graph, List.of(inputs));
  }

  private static Tensor scalar(long value) {
    Tensor tensor = Tensor.zeros(DType.I64);
    tensor.setLong(0, value);
    return tensor;
  }

  @Test
  void itsTextSaysAll() {
    assertThat(GraphPrinter.print(GraphParser.graph(FIRST))).isEqualTo(FIRST);
  }

  @Test
  void resultsHaveTheSizeThatDataTells() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    List<Tensor> two = run(FIRST, x, scalar(2));
    assertThat(two.get(0).shape()).containsExactly(2, 2);
    assertThat(two.get(1).toDoubleArray()).containsExactly(4, 6);
    List<Tensor> none = run(FIRST, x, scalar(0));
    assertThat(none.get(0).shape()).containsExactly(0, 2);
    assertThat(none.get(1).toDoubleArray()).containsExactly(0, 0);
  }

  @Test
  void aValueOutOfItsBoundsIsMovedIntoThem() {
    Tensor x = Tensor.zeros(DType.F32, 3, 2);
    assertThat(run(FIRST, x, scalar(7)).getFirst().shape()).containsExactly(3, 2);
    assertThat(run(FIRST, x, scalar(-7)).getFirst().shape()).containsExactly(0, 2);
  }

  @Test
  void eachTurnOfALoopHasASizeOfItsOwn() {
    Tensor sums =
        run(
                """
                graph forward(argument x %x: f32[4], argument c %c: i64[K]) {
                  %s: f32[K] = scan(%c, %x) {steps = K, carried = 0, walked = 1}
                    region(%turn: i32[], %c: i64[], %x: f32[4]) {
                      runtime_size(%c) {symbol = "?n", bound = 4}
                      %y: f32[?n] = comprehension(%x) {axes = [%0 < ?n], body = $0[%0]}
                      %s: f32[] = reduce(%y) {reducer = sum, axes = [0], accumulator = f32}
                      return %s
                    }
                  return argument s = %s
                }
                """,
                Tensor.of(new float[] {1, 10, 100, 1000}, 4), counts(3, 0, 4, 1))
            .getFirst();
    assertThat(sums.toDoubleArray()).containsExactly(111, 0, 1111, 1);
  }

  private static Tensor counts(long... values) {
    Tensor tensor = Tensor.zeros(DType.I64, values.length);
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }

  @Test
  void isToldOnceAndBeforeItIsNeeded() {
    assertThatCode(() -> verify(FIRST)).doesNotThrowAnyException();
    String told = "  runtime_size(%c) {symbol = \"?n\", bound = N}\n";
    assertThatThrownBy(() -> verify(FIRST.replace(told, "")))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("needs the size ?n, which is not told before it");
    assertThatThrownBy(() -> verify(FIRST.replace(told, told + told)))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("tells the size ?n again");
    assertThatThrownBy(
            () -> verify(FIRST.replace("argument c", "argument z %z: f32[?n], argument c")))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("of an input is told by data");
  }

  @Test
  void itsNameAndItsOperandAreChecked() {
    assertThatThrownBy(() -> GraphParser.graph(FIRST.replace("\"?n\"", "\"n\"")))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("begins with ?");
    assertThatThrownBy(() -> GraphParser.graph(FIRST.replace("%c: i64[]", "%c: i32[]")))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("a size is an i64[]");
  }

  @Test
  void mayBeZeroWhereOtherSizesAreNot() {
    assertThat(Facts.NONE.atLeast(Dim.symbol("?n"), Dim.ZERO)).isTrue();
    assertThat(Facts.NONE.atLeast(Dim.symbol("?n"), Dim.ONE)).isFalse();
    assertThat(Facts.NONE.atLeast(Dim.symbol("n"), Dim.ONE)).isTrue();
  }

  @Test
  void theMostThatASizeCanBeIsOverKnownSizes() {
    SizeBounds bounds =
        new SizeBounds(
            Map.of("?n", DimParser.parse("N"), "?k", DimParser.parse("3*?n"), "?m", Dim.of(5)));
    assertThat(bounds.most(DimParser.parse("N + 1"))).hasToString("N + 1");
    assertThat(bounds.most(DimParser.parse("2*?n + ?m"))).hasToString("2*N + 5");
    assertThat(bounds.most(DimParser.parse("N*?k"))).hasToString("3*N*N");
    assertThat(bounds.most(DimParser.parse("N - ?n"))).hasToString("N");
    assertThat(bounds.most(DimParser.parse("floor((?n + 3) / 2)")))
        .hasToString("floor((N + 1) / 2) + 1");
    assertThat(bounds.most(DimParser.parse("min(?n, ?m)"))).hasToString("min(N, 5)");
    assertThat(bounds.most(DimParser.parse("max(?n - 4, 0)"))).hasToString("max(0, N - 4)");
  }
}
