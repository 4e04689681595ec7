package dev.sinter.ir;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Checks that a graph is one, after each pass.
///
/// 1. Every value is made once: as a parameter of one region, or as a result of one node that
///    stands in one region, at the place among the node's results that it says. Two nodes may have
///    the same region.
/// 2. A node uses parameters of its own region and results of nodes before it in that region, and
///    nothing else; so do the results of a region. What a region needs from outside is passed in.
/// 3. The results of a node have the types that follow from its op, its operands and its regions.
///    For control flow that includes the parameters and results of the regions.
/// 4. An `if` and a `while` have two regions, a `scan` has one, a composite may have some, and no
///    other op has any.
/// 5. Sizes are made of sizes: no iteration axis is left in a type, and each symbol in the body
///    occurs in an input, or is equal to what does, or is told by a [RuntimeSize] before: in the
///    same region or around it, once.
/// 6. Inputs have names that differ within their role, and so have outputs. An output is an
///    argument or a state, never a weight.
/// 7. A state that goes out came in under the same name, with the same type.
/// 8. Once differentiated, a graph has no `gradient` left.
/// 9. In a model, entries have different names; each weight or state of an entry is a parameter of
///    the model, with the same type; the entries that training names exist.
///
/// A graph that breaks one of these is a fault of the pass that made it: a [CompilerBug] that names
/// the pass.
public final class Verifier {
  private final String pass;
  private final boolean gradients;

  /// @param pass who made the graph
  /// @param gradients whether the graph may still hold a [Gradient]
  public Verifier(String pass, boolean gradients) {
    this.pass = pass;
    this.gradients = gradients;
  }

  /// Checks a model and all its entries.
  ///
  /// @throws CompilerBug if an invariant is broken
  public void verify(ModelGraph model) {
    Map<String, TensorType> parameters = new HashMap<>();
    for (ModelGraph.Parameter parameter : model.parameters()) {
      if (parameters.put(parameter.name(), parameter.type()) != null) {
        throw bug("two parameters are called " + parameter.name());
      }
    }
    Set<String> names = new HashSet<>();
    for (Graph graph : model.entries()) {
      verify(graph);
      if (!names.add(graph.name())) {
        throw bug("two entries are called " + graph.name());
      }
      for (int i = 0; i < graph.inputs().size(); i++) {
        Graph.Input input = graph.inputs().get(i);
        if (input.role() != Graph.Role.ARGUMENT
            && !graph.input(i).type().equals(parameters.get(input.name()))) {
          throw bug(
              "%s %s of %s is %s, but the model has %s"
                  .formatted(
                      input.role(),
                      input.name(),
                      graph.name(),
                      graph.input(i).type(),
                      parameters.get(input.name())));
        }
      }
    }
    model
        .training()
        .ifPresent(training -> {
          for (Training.Step step : training.steps()) {
            if (!names.contains(step.entry())) {
              throw bug("training runs " + step.entry() + ", which is no entry");
            }
          }
        });
  }

  /// Checks a graph.
  ///
  /// @throws CompilerBug if an invariant is broken
  public void verify(Graph graph) {
    head(graph);
    Set<String> symbols = new HashSet<>();
    graph.body().params().forEach(p -> symbols.addAll(symbols(p.type())));
    for (String symbol : symbols) {
      if (RuntimeSize.isName(symbol)) {
        throw bug("the size " + symbol + " of an input is told by data");
      }
    }
    for (Facts.Fact fact : graph.facts().facts()) {
      if (fact instanceof Facts.Fact.Equal(Dim left, Dim right)) {
        symbols.addAll(left.symbols());
        symbols.addAll(right.symbols());
      }
    }
    region(graph.body(), new Walk(new HashSet<>(), new HashSet<>(), symbols), graph.name());
  }

  /// What has been seen of a graph.
  ///
  /// @param made all values made so far, in any region
  /// @param regions the nested regions that were checked; nodes may share one
  /// @param symbols the sizes that there are
  private record Walk(Set<Value> made, Set<Region> regions, Set<String> symbols) {}

  private void head(Graph graph) {
    Map<Graph.Input, TensorType> inputs = new HashMap<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      if (inputs.put(graph.inputs().get(i), graph.input(i).type()) != null) {
        throw bug("%s has two inputs %s".formatted(graph.name(), graph.inputs().get(i)));
      }
    }
    if (new HashSet<>(graph.outputs()).size() < graph.outputs().size()) {
      throw bug("two outputs of %s are the same: %s".formatted(graph.name(), graph.outputs()));
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      Graph.Output output = graph.outputs().get(i);
      TensorType type = graph.output(i).type();
      switch (output.role()) {
        case ARGUMENT -> {}
        case WEIGHT -> throw bug("the weight " + output.name() + " goes out of " + graph.name());
        case STATE -> {
          TensorType before = inputs.get(new Graph.Input(output.name(), Graph.Role.STATE));
          if (!type.equals(before)) {
            throw bug(
                "the state %s of %s comes in as %s and goes out as %s"
                    .formatted(output.name(), graph.name(), before, type));
          }
        }
      }
    }
  }

  private static Set<String> symbols(TensorType type) {
    Set<String> symbols = new HashSet<>();
    type.shape().forEach(dim -> symbols.addAll(dim.symbols()));
    return symbols;
  }

  /// @param where names the region in faults
  private void region(Region region, Walk walk, String where) {
    Set<Value> known = new HashSet<>();
    for (Value param : region.params()) {
      if (param.definer() != null) {
        throw bug("the parameter " + param + " of " + where + " is the result of a node");
      }
      define(param, walk, where);
      known.add(param);
    }
    for (Node node : region.nodes()) {
      String what = describe(node, where);
      sizes(node, walk, what);
      node.operands().forEach(operand -> check(operand, known, what));
      if (node.op() instanceof Gradient && !gradients) {
        throw bug(what + " should have been differentiated");
      }
      regions(node, walk, what);
      types(node, what);
      for (int i = 0; i < node.results().size(); i++) {
        Value result = node.result(i);
        if (result.definer() == null || !result.definer().equals(node) || result.index() != i) {
          throw bug("result " + i + " of " + what + " says that something else made it");
        }
        define(result, walk, what);
        known.add(result);
      }
    }
    region.results().forEach(result -> check(result, known, "the end of " + where));
  }

  private static String describe(Node node, String where) {
    String name = node.results().isEmpty() ? "" : " " + node.result(0);
    String place = node.span().isNone() ? "" : " at " + node.span();
    return node.op().mnemonic() + name + " in " + where + place;
  }

  private void define(Value value, Walk walk, String where) {
    if (!walk.made.add(value)) {
      throw bug(value + " is made twice, again by " + where);
    }
    for (String symbol : symbols(value.type())) {
      if (symbol.startsWith("%")) {
        throw bug("the type of " + value + " has the axis " + symbol + ": " + where);
      }
      if (!walk.symbols.contains(symbol)) {
        throw bug("no input says what " + symbol + " is, which " + where + " needs");
      }
    }
  }

  private void check(Value value, Set<Value> known, String user) {
    if (!known.contains(value)) {
      throw bug(user + " uses " + value + ", which is not made before it in its region");
    }
  }

  private void regions(Node node, Walk walk, String what) {
    int count = node.regions().size();
    boolean fits =
        switch (node.op()) {
          case ControlFlow op ->
              switch (op) {
                case If choice -> count == 2;
                case Scan scan -> count == 1;
                case While loop -> count == 2;
              };
          case Composite composite -> true;
          case Pointwise op -> count == 0;
          case Primitive op -> count == 0;
          case Extern op -> count == 0;
          case RuntimeSize op -> count == 0;
          case BitCast op -> count == 0;
          case Gradient op -> count == 0;
        };
    if (!fits) {
      throw bug(what + " has " + count + " regions");
    }
    for (int i = 0; i < count; i++) {
      Region region = node.regions().get(i);
      if (walk.regions.add(region)) {
        Walk inside = new Walk(walk.made, walk.regions, new HashSet<>(walk.symbols));
        region(region, inside, "region " + i + " of " + what);
      }
    }
  }

  /// Sizes that data tells are told before they are needed.
  private void sizes(Node node, Walk walk, String what) {
    if (node.regions().isEmpty()) {
      for (String symbol : node.sizes()) {
        if (RuntimeSize.isName(symbol) && !walk.symbols.contains(symbol)) {
          throw bug(what + " needs the size " + symbol + ", which is not told before it");
        }
      }
    }
    if (node.op() instanceof RuntimeSize size && !walk.symbols.add(size.symbol())) {
      throw bug(what + " tells the size " + size.symbol() + " again");
    }
  }

  private void types(Node node, String what) {
    List<TensorType> inferred;
    try {
      inferred = node.op().infer(node.operandTypes(), node.regions());
    } catch (OpException e) {
      throw bug(what + " does not take its operands: " + e.getMessage());
    }
    List<TensorType> types = node.results().stream().map(Value::type).toList();
    if (!types.equals(inferred)) {
      throw bug(what + " should make " + inferred);
    }
  }

  private CompilerBug bug(String message) {
    return new CompilerBug(pass, message);
  }
}
