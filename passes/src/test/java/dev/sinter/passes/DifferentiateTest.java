package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.op.Call;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.While;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DifferentiateTest {
  private static final TensorType SCALAR = TensorType.of(DType.F64, new long[0]);

  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.parameter(SCALAR, "x");
  private final Value y = b.parameter(SCALAR, "y");

  private Value times(Value left, Value right) {
    return b.add(Pointwise.MUL, left, right);
  }

  private List<Value> gradient(Value loss, Value... by) {
    List<Value> operands = new ArrayList<>(List.of(loss));
    operands.addAll(List.of(by));
    return b.add(new Gradient(), operands, List.of(), "").results();
  }

  private Graph graph(List<Value> results) {
    Region body = b.region(results);
    List<Graph.Output> outputs = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      outputs.add(new Graph.Output("out" + i, Graph.Role.ARGUMENT));
    }
    return new Graph(
        "forward",
        body.params().stream().map(p -> new Graph.Input(p.name(), Graph.Role.ARGUMENT)).toList(),
        outputs,
        body,
        Facts.NONE);
  }

  /// The results at `x = 2`, `y = 3`.
  private List<Double> values(List<Value> results) {
    Graph graph = Differentiate.differentiate(graph(results));
    assertThat(graph.body().nodes()).noneMatch(n -> n.op() instanceof Gradient);
    List<Tensor> inputs =
        List.of(Tensor.of(DType.F64, new double[] {2}), Tensor.of(DType.F64, new double[] {3}));
    return Interpreter.exact().run(graph, inputs).stream().map(t -> t.getDouble(0)).toList();
  }

  @Test
  void derivesByEachInput() {
    assertThat(values(gradient(times(times(x, x), y), x, y))).containsExactly(12.0, 4.0);
  }

  @Test
  void answersZeroWhereNoPathLeads() {
    assertThat(values(gradient(times(x, x), x, y))).containsExactly(4.0, 0.0);
  }

  @Test
  void derivesTwice() {
    Value cube = times(times(x, x), x);
    Value first = gradient(cube, x).getFirst();
    Value second = gradient(times(first, y), x).getFirst();
    assertThat(values(List.of(first, second))).containsExactly(12.0, 36.0);
  }

  @Test
  void derivesByAnIntermediateValue() {
    Value square = times(x, x);
    Value loss = times(square, times(square, y));
    assertThat(values(gradient(loss, square))).containsExactly(24.0);
  }

  @Test
  void holdsTheOtherValuesDerivedByConstant() {
    Value square = times(x, x);
    assertThat(values(gradient(times(square, x), square, x))).containsExactly(2.0, 4.0);
  }

  @Test
  void leavesAGraphWithoutGradientsAsItIs() {
    Graph graph = graph(List.of(times(x, y)));
    assertThat(Differentiate.differentiate(graph)).isSameAs(graph);
  }

  @Test
  void usesTheForwardValuesAgain() {
    Value e = b.add(Pointwise.EXP, x);
    List<Value> results = new ArrayList<>(gradient(e, x));
    results.add(e);
    Graph graph = Differentiate.differentiate(graph(results));
    assertThat(graph.body().nodes()).filteredOn(n -> n.op() == Pointwise.EXP).hasSize(1);
  }

  @Test
  void followsTheGradientThatAFunctionGives() {
    GraphBuilder function = new GraphBuilder();
    Value p = function.parameter(SCALAR, "p");
    Region forward = function.region(List.of(function.add(Pointwise.ROUND, p)));
    GraphBuilder own = new GraphBuilder();
    own.parameter(SCALAR, "p");
    Value dy = own.parameter(SCALAR, "dy");
    Region backward = own.region(List.of(dy));
    Value rounded = b.add(new Call("ste"), List.of(x), List.of(forward, backward), "").result();
    assertThat(values(gradient(times(rounded, y), x))).containsExactly(3.0);
  }

  @Test
  void answersGradientsInNestedRegions() {
    GraphBuilder inner = b.nested();
    Value p = inner.parameter(SCALAR, "p");
    Value square = inner.add(Pointwise.MUL, p, p);
    Region then =
        inner.region(inner.add(new Gradient(), List.of(square, p), List.of(), "").results());
    GraphBuilder other = b.nested();
    Region otherwise = other.region(List.of(other.parameter(SCALAR, "p")));
    Value condition = b.add(Pointwise.LT, x, y);
    Value chosen = b.add(new If(), List.of(condition, y), List.of(then, otherwise), "").result();
    assertThat(values(gradient(times(chosen, x), y, x))).containsExactly(4.0, 6.0);
  }

  @Test
  void passesByWhatIsNotOnTheWay() {
    Node loop = loop(x);
    Value shifted = b.add(Pointwise.ADD, loop.result(), y);
    assertThat(values(gradient(times(shifted, y), y)).getFirst())
        .isCloseTo(16 + 2 * 3, within(1e-12));
  }

  @Test
  void namesWhatHasNoDerivative() {
    Graph graph = graph(gradient(times(loop(x).result(), y), x));
    assertThatThrownBy(() -> Differentiate.differentiate(graph))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("SIN0650")
        .hasMessageContaining("a while loop has no derivative");
  }

  /// `s = s * y + 1` three times, from `x`: by x it is `y^3`, by y `3 x y^2 + 2 y + 1`.
  @Test
  void goesBackThroughAScanThatRunsOnce() {
    GraphBuilder turn = new GraphBuilder();
    turn.parameter(TensorType.of(DType.I32, new long[0]), "turn");
    Value s = turn.parameter(SCALAR, "s");
    Value factor = turn.parameter(SCALAR, "y");
    Value product = turn.add(Pointwise.MUL, s, factor);
    Region body = turn.region(List.of(turn.add(Pointwise.ADD, product, turn.fill(SCALAR, 1))));
    Value last = b.add(new Scan(Dim.of(3), 1, 0), List.of(x, y), List.of(body), "").result();
    List<Value> results = gradient(last, x, y);
    assertThat(values(results)).containsExactly(27.0, 61.0);
    Graph graph = Differentiate.differentiate(graph(results));
    assertThat(graph.body().nodes()).filteredOn(n -> n.op() instanceof Scan).hasSize(2);
  }

  /// `while (v < 10) v = v + v`: from 2 it goes to 16.
  private Node loop(Value start) {
    GraphBuilder test = new GraphBuilder();
    Value p = test.parameter(SCALAR, "v");
    Region condition = test.region(List.of(test.add(Pointwise.LT, p, test.fill(SCALAR, 10))));
    GraphBuilder turn = new GraphBuilder();
    Value v = turn.parameter(SCALAR, "v");
    Region body = turn.region(List.of(turn.add(Pointwise.ADD, v, v)));
    return b.add(new While(1, 100, false), List.of(start), List.of(condition, body), "");
  }

  @Test
  void derivesByAValueOfANarrowerType() {
    GraphBuilder g = new GraphBuilder();
    TensorType row = TensorType.of(DType.BF16, 3);
    Value z = g.parameter(row, "z");
    Value p = g.add(new Cast(DType.F64), g.add(new Softmax(0), z));
    Value first = Reduce.of(g, Reducer.SUM, List.of(0), g.add(Pointwise.MUL, p, p));
    Node gradient = g.add(new Gradient(), List.of(first, z), List.of(), "");
    assertThat(gradient.result().type()).isEqualTo(row);
    Region body = g.region(gradient.results());
    Graph graph =
        Differentiate.differentiate(
            new Graph(
                "forward",
                List.of(new Graph.Input("z", Graph.Role.ARGUMENT)),
                List.of(new Graph.Output("dz", Graph.Role.ARGUMENT)),
                body,
                Facts.NONE));
    Tensor dz =
        Interpreter.exact()
            .run(graph, List.of(Tensor.of(DType.F64, new double[] {0, 0, 0}, 3)))
            .getFirst();
    assertThat(dz.toDoubleArray()).containsExactly(new double[] {0, 0, 0}, within(1e-12));
  }
}
