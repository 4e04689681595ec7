package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.SizeBounds;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.DimSource;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// Turns a fused graph into a program: a buffer for each value that lies in memory, a step for each
/// part, a kernel for each group.
public final class Lower {
  private final KernelTable kernels;

  /// @param kernels gets the kernels; shared by the entries of a model
  Lower(KernelTable kernels) {
    this.kernels = kernels;
  }

  /// The program of one entry.
  Program program(FusedGraph fused) {
    Graph graph = fused.graph();
    Memory memory = new Memory();
    Map<Value, Source> sources = new HashMap<>();
    Map<String, Source.Place> states = new HashMap<>();
    int arguments = 0;
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      Origin origin =
          switch (input.role()) {
            case ARGUMENT -> new Origin.Input(arguments++);
            case WEIGHT -> new Origin.Weight(input.name());
            case STATE -> new Origin.State(input.name());
          };
      Source.Place place = memory.border(input.name(), graph.input(i).type(), origin);
      sources.put(graph.input(i), place);
      if (input.role() == Graph.Role.STATE) {
        states.put(input.name(), place);
      }
    }
    List<Source.Place> destinations = new ArrayList<>();
    int results = 0;
    for (int i = 0; i < graph.outputs().size(); i++) {
      Graph.Output output = graph.outputs().get(i);
      TensorType type = graph.output(i).type();
      destinations.add(
          switch (output.role()) {
            case ARGUMENT -> memory.border(output.name(), type, new Origin.Output(results++));
            case STATE -> {
              Source.Place old = states.get(output.name());
              yield old != null
                  ? old
                  : memory.border(output.name(), type, new Origin.State(output.name()));
            }
            case WEIGHT -> throw new CompilerBug("Lower", output.name() + " is a written weight");
          });
    }
    Set<String> symbols = symbols(graph);
    TurnNames turns = new TurnNames(symbols);
    List<Step> steps =
        LowerBody.of(memory, kernels, turns, fused.body(), sources, destinations).steps();
    List<DimSource> dims = new SizeSources(graph).dims();
    SizeBounds bounds = SizeBounds.of(graph.body());
    bounds.bounds().forEach((symbol, bound) -> dims.add(new DimSource.OfValue(symbol, bound)));
    turns.all().forEach(turn -> dims.add(new DimSource.OfLoop(turn)));
    return new Program(
        graph.name(), dims, PlanMemory.lifetimes(memory.buffers(), steps), steps, graph.facts());
  }

  /// Every symbol in the sizes of a graph's values but those that data tells.
  static Set<String> symbols(Graph graph) {
    Set<String> symbols = new TreeSet<>();
    Set<Value> values = new HashSet<>(graph.body().params());
    graph.body().nodes().forEach(node -> values.addAll(node.results()));
    for (Value value : values) {
      Objects.requireNonNull(value).type().shape().forEach(dim -> symbols.addAll(dim.symbols()));
    }
    symbols.removeIf(RuntimeSize::isName);
    return symbols;
  }
}
