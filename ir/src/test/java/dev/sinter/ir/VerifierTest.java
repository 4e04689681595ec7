package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.If;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final TensorType VECTOR = TensorType.of(DType.F32, Dim.symbol("N"));
  private static final TensorType SCALAR = TensorType.of(DType.F32, new long[0]);

  private final Value x = Value.parameter(VECTOR, "x");
  private final Node relu = node(Pointwise.RELU, x);

  private static Node node(Op op, Value... operands) {
    return new Node(op, List.of(operands), List.of(), "y", Span.NONE);
  }

  private static Graph graph(List<Value> params, List<Node> nodes, List<Value> results) {
    return new Graph(
        "forward",
        java.util.stream.IntStream.range(0, params.size())
            .mapToObj(i -> new Graph.Input("x" + i, Graph.Role.ARGUMENT))
            .toList(),
        java.util.stream.IntStream.range(0, results.size())
            .mapToObj(i -> new Graph.Output("y" + i, Graph.Role.ARGUMENT))
            .toList(),
        new Region(params, nodes, results),
        Facts.NONE);
  }

  private static void broken(Graph graph, String message) {
    assertThatThrownBy(() -> new Verifier("Simplify", false).verify(graph))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("bug in Simplify")
        .hasMessageContaining(message);
  }

  @Test
  void acceptsAGraphInOrder() {
    Node twice = node(Pointwise.ADD, relu.result(), x);
    Graph graph = graph(List.of(x), List.of(relu, twice), List.of(twice.result()));
    assertThatCode(() -> new Verifier("Simplify", false).verify(graph)).doesNotThrowAnyException();
  }

  @Test
  void refusesUseBeforeDefinition() {
    Node twice = node(Pointwise.ADD, relu.result(), x);
    broken(graph(List.of(x), List.of(twice, relu), List.of(x)), "not made before it");
    broken(graph(List.of(x), List.of(), List.of(relu.result())), "the end of forward uses");
  }

  @Test
  void refusesWhatIsMadeTwice() {
    broken(graph(List.of(x), List.of(relu, relu), List.of(x)), "made twice");
    broken(graph(List.of(x, x), List.of(), List.of(x)), "made twice");
    broken(graph(List.of(relu.result()), List.of(), List.of()), "is the result of a node");
  }

  @Test
  void refusesRegionsThatReachOutside() {
    Value c = Value.parameter(TensorType.of(DType.BOOL, new long[0]), "c");
    Region outside = new Region(List.of(), List.of(), List.of(x));
    Node choice = new Node(new If(), List.of(c), List.of(outside, outside), "y", Span.NONE);
    broken(graph(List.of(c, x), List.of(choice), List.of()), "the end of region 0 of if");
  }

  @Test
  void nodesMayShareARegion() {
    Value c = Value.parameter(TensorType.of(DType.BOOL, new long[0]), "c");
    Value p = Value.parameter(VECTOR, "p");
    Region same = new Region(List.of(p), List.of(), List.of(p));
    Node choice = new Node(new If(), List.of(c, x), List.of(same, same), "y", Span.NONE);
    Graph graph = graph(List.of(c, x), List.of(choice), List.of());
    assertThatCode(() -> new Verifier("Simplify", false).verify(graph)).doesNotThrowAnyException();
  }

  @Test
  void refusesTheWrongNumberOfRegions() {
    Region empty = new Region(List.of(), List.of(), List.of());
    Node node = new Node(Pointwise.RELU, List.of(x), List.of(empty), "y", Span.NONE);
    broken(graph(List.of(x), List.of(node), List.of()), "has 1 regions");
  }

  @Test
  void refusesSizesOfUnknownOrigin() {
    Node fill = node(new dev.sinter.ir.op.Fill(DType.F32, 0, 0, List.of(Dim.symbol("M"))));
    broken(graph(List.of(x), List.of(fill), List.of()), "what M is");
    Node axis = node(new dev.sinter.ir.op.Fill(DType.F32, 0, 0, List.of(Dim.symbol("%0"))));
    broken(graph(List.of(x), List.of(axis), List.of()), "has the axis %0");
  }

  @Test
  void refusesRolesThatDoNotMatch() {
    String state =
        """
        graph step(state s %s: f32[], state t %t: f32[N]) {
          return state s = %s
        }
        """;
    new Verifier("dsl", false).verify(GraphParser.graph(state));
    broken(GraphParser.graph(state.replace("= %s", "= %t")), "comes in as f32[] and goes out");
    broken(
        GraphParser.graph(state.replace("return state s", "return state u")), "comes in as null");
    broken(GraphParser.graph(state.replace("return state", "return weight")), "the weight s");
    broken(GraphParser.graph(state.replace("state t", "state s")), "two inputs");
    broken(GraphParser.graph(state.replace("= %s", "= %s, state s = %s")), "are the same");
  }

  @Test
  void refusesGradientsThatAreLeft() {
    Value loss = Value.parameter(SCALAR, "loss");
    Graph graph = graph(List.of(loss, x), List.of(node(new Gradient(), loss, x)), List.of());
    new Verifier("dsl", true).verify(graph);
    broken(graph, "should have been differentiated");
  }

  @Test
  void refusesModelsWhoseEntriesNeedOtherParameters() {
    Graph graph =
        GraphParser.graph("graph f(weight w %w: f32[2]) {\n  return argument y = %w\n}\n");
    ModelGraph.Parameter w =
        new ModelGraph.Parameter(
            "w", TensorType.of(DType.F32, 2), new Initializer.Fill(0), ModelGraph.Kind.WEIGHT);
    Verifier verifier = new Verifier("Simplify", false);
    verifier.verify(
        new ModelGraph("m", List.of(w), List.of(graph), Optional.empty(), Contracts.NONE));
    assertThatThrownBy(() ->
            verifier.verify(
                new ModelGraph("m", List.of(), List.of(graph), Optional.empty(), Contracts.NONE)))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("WEIGHT w of f is f32[2], but the model has null");
    assertThatThrownBy(() ->
            verifier.verify(
                new ModelGraph(
                    "m", List.of(w), List.of(graph, graph), Optional.empty(), Contracts.NONE)))
        .hasMessageContaining("two entries are called f");
  }
}
