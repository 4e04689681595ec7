package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Function;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A member of a training as a model of its own.
final class TrainedMember {
  private final String prefix;

  private TrainedMember(String prefix) {
    this.prefix = prefix;
  }

  /// The model graph of `member`, without the member's path before its parameters' names.
  static ModelGraph of(Elaboration all, ModuleInstance member) {
    List<Graph> entries = new ArrayList<>();
    for (Function function : member.functions()) {
      entries.add(Entries.entry(all, member, function));
    }
    TrainedMember names = new TrainedMember(member.path() + ".");
    return new ModelGraph(
        member.kindName(),
        all.parameters().values().stream()
            .filter(p -> p.name().startsWith(names.prefix))
            .filter(p -> p.kind() != ModelGraph.Kind.SLOT)
            .map(names::renamed)
            .toList(),
        entries.stream().map(names::renamed).toList(),
        Optional.empty(),
        all.edits().contracts().within(member.path()));
  }

  private ModelGraph.Parameter renamed(ModelGraph.Parameter parameter) {
    return new ModelGraph.Parameter(
        own(parameter.name()), parameter.type(), parameter.initializer(), parameter.kind());
  }

  private Graph renamed(Graph graph) {
    return new Graph(
        graph.name(),
        graph.inputs().stream()
            .map(i -> new Graph.Input(own(i.name(), i.role()), i.role()))
            .toList(),
        graph.outputs().stream()
            .map(o -> new Graph.Output(own(o.name(), o.role()), o.role()))
            .toList(),
        graph.body(),
        graph.facts());
  }

  private String own(String name, Graph.Role role) {
    return role == Graph.Role.ARGUMENT ? name : own(name);
  }

  private String own(String name) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }
}
