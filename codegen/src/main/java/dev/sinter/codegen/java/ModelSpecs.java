package dev.sinter.codegen.java;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.ParameterSpec;
import dev.sinter.runtime.StateSpec;
import dev.sinter.runtime.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// What a lowered model is to its callers.
///
/// A parameter that some entry writes belongs to sessions and is a state for all entries; the
/// others are read-only and shared. Slots of an optimizer that no entry uses are left out.
public final class ModelSpecs {
  private ModelSpecs() {}

  /// The spec of `set`.
  public static ModelSpec of(ProgramSet set) {
    Set<String> states = new LinkedHashSet<>();
    Set<String> used = new LinkedHashSet<>();
    for (Program program : set.entries()) {
      for (Program.Buffer buffer : program.buffers()) {
        switch (buffer.origin()) {
          case Program.Origin.State(String name) -> states.add(name);
          case Program.Origin.Weight(String name) -> used.add(name);
          case Program.Origin.Input _,
              Program.Origin.Output _,
              Program.Origin.Constant _,
              Program.Origin.Temporary _ -> {}
        }
      }
    }
    List<ParameterSpec> parameterSpecs = new ArrayList<>();
    List<StateSpec> stateSpecs = new ArrayList<>();
    for (ModelGraph.Parameter parameter : set.model().parameters()) {
      if (states.contains(parameter.name())) {
        stateSpecs.add(state(parameter));
      } else if (used.contains(parameter.name())
          || (parameter.kind() != ModelGraph.Kind.SLOT && constant(parameter))) {
        parameterSpecs.add(parameter(parameter));
      }
    }
    List<EntrySpec> entries =
        set.entries().stream().map(program -> entry(program, set.model(), states)).toList();
    return new ModelSpec(
        set.model().name(),
        entries,
        parameterSpecs,
        stateSpecs,
        set.model().contracts().weightNames(),
        set.model().contracts().memory());
  }

  /// Whether `name` is a state in `spec`.
  static boolean isState(ModelSpec spec, String name) {
    return spec.states().stream().anyMatch(state -> state.name().equals(name));
  }

  private static boolean constant(ModelGraph.Parameter parameter) {
    return parameter.type().shape().stream().allMatch(Dim::isConstant);
  }

  private static EntrySpec entry(Program program, ModelGraph model, Set<String> states) {
    Graph graph = model.entry(program.name()).orElseThrow();
    TreeMap<Integer, TensorSpec> inputs = new TreeMap<>();
    TreeMap<Integer, TensorSpec> outputs = new TreeMap<>();
    Set<String> reached = new LinkedHashSet<>();
    List<String> inputNames =
        graph.inputs().stream()
            .filter(input -> input.role() == Graph.Role.ARGUMENT)
            .map(Graph.Input::name)
            .toList();
    List<String> outputNames =
        graph.outputs().stream()
            .filter(output -> output.role() == Graph.Role.ARGUMENT)
            .map(Graph.Output::name)
            .toList();
    for (Program.Buffer buffer : program.buffers()) {
      switch (buffer.origin()) {
        case Program.Origin.Input(int index) ->
            inputs.put(index, tensor(inputNames.get(index), buffer));
        case Program.Origin.Output(int index) ->
            outputs.put(index, tensor(outputNames.get(index), buffer));
        case Program.Origin.State(String name) -> reached.add(name);
        case Program.Origin.Weight(String name) -> {
          if (states.contains(name)) {
            reached.add(name);
          }
        }
        case Program.Origin.Constant _, Program.Origin.Temporary _ -> {}
      }
    }
    return new EntrySpec(
        program.name(),
        List.copyOf(inputs.values()),
        List.copyOf(outputs.values()),
        List.copyOf(reached));
  }

  private static TensorSpec tensor(String name, Program.Buffer buffer) {
    return new TensorSpec(name, buffer.dtype(), texts(buffer.shape()));
  }

  private static ParameterSpec parameter(ModelGraph.Parameter parameter) {
    return new ParameterSpec(
        parameter.name(),
        parameter.type().dtype(),
        parameter.type().shape().stream().map(Dim::constant).toList(),
        text(parameter.initializer()));
  }

  private static StateSpec state(ModelGraph.Parameter parameter) {
    return new StateSpec(
        parameter.name(),
        parameter.type().dtype(),
        texts(parameter.type().shape()),
        text(parameter.initializer()),
        parameter.kind() == ModelGraph.Kind.WEIGHT);
  }

  private static List<String> texts(List<Dim> shape) {
    return shape.stream().map(Dim::toString).toList();
  }

  private static String text(Initializer initializer) {
    return switch (initializer) {
      case Initializer.Fill(double value) ->
          value == 0 ? "zeros()" : value == 1 ? "ones()" : Double.toString(value);
      case Initializer.Normal(double mean, double deviation) ->
          "normal(mean = " + mean + ", deviation = " + deviation + ")";
      case Initializer.Uniform(double low, double high) ->
          "uniform(low = " + low + ", high = " + high + ")";
      // The file's own path would tell of the machine that the model was compiled on.
      case Initializer.Stored(String file, String tensor, var names) -> "stored(" + tensor + ")";
      case Initializer.Held _ -> "held";
    };
  }
}
