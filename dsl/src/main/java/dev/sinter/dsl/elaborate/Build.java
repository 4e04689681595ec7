package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Equations;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.FoldKey;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One entry point while its graph is built: where nodes go, what each parameter and state is now,
/// and what is known of the sizes.
final class Build {
  private final GraphBuilder root = new GraphBuilder();
  private final Map<String, ModelGraph.Parameter> parameters;
  private final boolean trains;
  private final @Nullable Equations equations;
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final Map<String, Value> now = new LinkedHashMap<>();
  private final Map<String, Value> changed = new LinkedHashMap<>();
  private final Map<String, Integer> keyCalls = new HashMap<>();
  private final Set<String> drawn = new HashSet<>();
  private final List<Facts.Fact> facts = new ArrayList<>();
  private final List<Turn> turns = new ArrayList<>();
  private GraphBuilder builder = root;
  private boolean training;
  private String draws = "";
  private @Nullable Value key;
  private @Nullable Value iteration;

  /// A loop around the nodes that are built: its builder and the number of its turn.
  private record Turn(GraphBuilder outer, Value turn) {}

  /// @param parameters every weight and state of the model by path
  /// @param trains whether weights are states, because steps change them
  Build(Map<String, ModelGraph.Parameter> parameters, boolean trains) {
    this(parameters, trains, null);
  }

  /// An entry that is called.
  Build(Map<String, ModelGraph.Parameter> parameters, Equations equations) {
    this(parameters, false, equations);
    facts.addAll(equations.facts().facts());
  }

  private Build(
      Map<String, ModelGraph.Parameter> parameters, boolean trains, @Nullable Equations equations) {
    this.parameters = parameters;
    this.trains = trains;
    this.equations = equations;
  }

  GraphBuilder builder() {
    return builder;
  }

  boolean training() {
    return training;
  }

  /// Sets the flag and answers what it was.
  boolean training(boolean training) {
    boolean before = this.training;
    this.training = training;
    return before;
  }

  Facts facts() {
    return new Facts(facts, List.of());
  }

  void add(Facts.Fact fact) {
    if (equations == null || !equations.tells(fact)) {
      facts.add(fact);
    }
  }

  /// An argument of the entry.
  Value argument(String name, TensorType type) {
    inputs.add(new Graph.Input(name, Graph.Role.ARGUMENT));
    return root.parameter(type, name);
  }

  /// The value that the weight or state at `path` has at this point of the text.
  Value tensor(String path) {
    Value value = now.get(path);
    if (value == null) {
      ModelGraph.Parameter parameter = Objects.requireNonNull(parameters.get(path), path);
      boolean state = trains || parameter.kind() != ModelGraph.Kind.WEIGHT;
      inputs.add(new Graph.Input(path, state ? Graph.Role.STATE : Graph.Role.WEIGHT));
      value = root.parameter(parameter.type(), path);
      now.put(path, value);
    }
    return value;
  }

  /// Whether the entry has come to the weight or state at `path`.
  boolean reached(String path) {
    return now.containsKey(path);
  }

  /// From here on the state at `path` is `value`.
  void set(String path, Value value) {
    tensor(path);
    now.put(path, value);
    changed.put(path, value);
  }

  /// Whether nodes now go into a loop's body.
  boolean inLoop() {
    return !turns.isEmpty();
  }

  /// Nodes go to `inner`, whose turn is `turn`, until [#leave].
  void enter(GraphBuilder inner, Value turn) {
    turns.add(new Turn(builder, turn));
    builder = inner;
  }

  /// Ends what [#enter] began.
  void leave() {
    builder = turns.removeLast().outer();
  }

  /// The key of the entry: given as an argument, or by whoever trains.
  void key(Value key) {
    this.key = key;
  }

  /// Keys of this entry are not those of others: `name` tells them apart.
  void drawsAs(String name) {
    draws = name + ":";
  }

  /// Notes a draw with the key at `path`, and answers whether it is the first.
  boolean draws(String path) {
    return drawn.add(path);
  }

  /// The count of the step's iterations, an argument that is made when it is first asked for.
  Value iteration() {
    if (iteration == null) {
      iteration = argument("iteration", TensorType.of(DType.I32, new Dim[0]));
    }
    return iteration;
  }

  /// The value of a key; null where the entry has none.
  @Nullable Value key(KeySource source) {
    return switch (source) {
      case KeySource.Given(Value value) -> value;
      case KeySource.Place(String path, var declared, boolean once) -> {
        if (key == null && trains) {
          key = argument("key", TensorType.of(DType.U32, Dim.of(2)));
        }
        if (key == null) {
          yield null;
        }
        // Two calls of one place must not draw the same numbers.
        int call = keyCalls.merge(path, 1, Integer::sum);
        Value folded = fold(key, hash(draws + path + "#" + call));
        for (Turn turn : turns) {
          folded = builder.add(new FoldKey(), folded, turn.turn());
        }
        yield folded;
      }
    };
  }

  private Value fold(Value key, int number) {
    Value literal = builder.fill(TensorType.of(DType.I32, new Dim[0]), number);
    return builder.add(new FoldKey(), key, literal);
  }

  /// A hash of 31 bits that is the same on every machine.
  private static int hash(String text) {
    return text.hashCode() & 0x7fffffff;
  }

  /// Finishes the entry.
  ///
  /// @param results the values that go to the caller, by name
  Graph graph(String name, Map<String, Value> results) {
    List<Graph.Output> outputs = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    results.forEach((result, value) -> {
      outputs.add(new Graph.Output(result, Graph.Role.ARGUMENT));
      values.add(value);
    });
    changed.forEach((path, value) -> {
      outputs.add(new Graph.Output(path, Graph.Role.STATE));
      values.add(value);
    });
    return new Graph(name, inputs, outputs, root.region(values), facts());
  }

  /// Runs `body` with nodes coming from `span`.
  <T> T at(Span span, java.util.function.Supplier<T> body) {
    Span before = builder.at(span);
    try {
      return body.get();
    } finally {
      builder.at(before);
    }
  }
}
