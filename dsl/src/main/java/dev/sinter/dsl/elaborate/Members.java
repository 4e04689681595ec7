package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Path;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the parts of a module that the paths of edits and of `minimize` mean: `body[0].conv1`,
/// `layer4[*].conv2`, `net.**.bias`, `*`.
final class Members {
  private final Map<String, ModelGraph.Parameter> parameters;

  /// @param parameters every weight and state by path
  Members(Map<String, ModelGraph.Parameter> parameters) {
    this.parameters = parameters;
  }

  /// What becomes of a part that a path means.
  interface Change {
    /// The part to stand in the place of `found`, which may be `found` itself.
    Datum of(String path, Datum found);
  }

  /// Something right below a module, a pipeline or a list.
  ///
  /// @param index where it stands in a list or pipeline; -1 for a member with a name
  private record Child(String name, int index, String path, Datum datum) {}

  /// The parts of `root` that `path` means, by their own paths; a fault where it means none.
  Map<String, Datum> find(Path path, ModuleInstance root) {
    Map<String, Datum> found = new LinkedHashMap<>();
    walk(
        new Datum.Module(root),
        root.path(),
        path.parts(),
        (at, datum) -> {
          found.put(at, datum);
          return datum;
        });
    if (found.isEmpty()) {
      throw nothing(path, root);
    }
    return found;
  }

  /// Puts what `change` answers in the place of each part that `path` means.
  void change(Path path, ModuleInstance root, Change change) {
    find(path, root);
    walk(new Datum.Module(root), root.path(), path.parts(), change);
  }

  /// The paths of all weights that are one of the parts of `path` or inside one.
  Set<String> weights(Path path, ModuleInstance root) {
    Set<String> weights = new LinkedHashSet<>();
    find(path, root).values().forEach(part -> weights(part, weights));
    return weights;
  }

  private void weights(Datum part, Set<String> weights) {
    if (part instanceof Datum.Parameter(String path, var span)) {
      ModelGraph.Parameter parameter = parameters.get(path);
      if (parameter != null && parameter.kind() == ModelGraph.Kind.WEIGHT) {
        weights.add(path);
      }
    }
    for (Child child : children(part, "")) {
      weights(child.datum(), weights);
    }
  }

  private static Datum walk(Datum node, String path, List<Path.Part> parts, Change change) {
    if (parts.isEmpty()) {
      return change.of(path, node);
    }
    Path.Part first = parts.getFirst();
    List<Path.Part> rest = parts.subList(1, parts.size());
    boolean deep = first instanceof Path.Part.Deep;
    // `**` is this part too, and then all below it.
    Datum here = deep ? walk(node, path, rest, change) : node;
    List<Datum> after = new ArrayList<>();
    List<Child> children = children(here, path);
    for (Child child : children) {
      after.add(
          deep
              ? walk(child.datum(), child.path(), parts, change)
              : means(first, child)
                  ? walk(child.datum(), child.path(), rest, change)
                  : child.datum());
    }
    return with(here, children, after);
  }

  private static boolean means(Path.Part part, Child child) {
    return switch (part) {
      case Path.Part.Member(var name) -> child.index() < 0 && child.name().equals(name.text());
      case Path.Part.Each each -> true;
      case Path.Part.Deep deep -> true;
      case Path.Part.Index(long from, Long to, var span) ->
          to == null ? child.index() == from : child.index() >= from && child.index() < to;
      case Path.Part.EachIndex each -> child.index() >= 0;
    };
  }

  private static List<Child> children(Datum node, String path) {
    List<Child> children = new ArrayList<>();
    switch (node) {
      case Datum.Module(ModuleInstance instance) -> {
        instance
            .members()
            .forEach(
                (name, datum) -> children.add(new Child(name, -1, instance.path(name), datum)));
        instance
            .tensors()
            .forEach((name, tensor) ->
                children.add(
                    new Child(
                        name,
                        -1,
                        tensor.path(),
                        new Datum.Parameter(tensor.path(), tensor.item().span()))));
      }
      case Datum.Pipeline(List<Datum> stages) -> numbered(stages, path, children);
      case Datum.Many(List<Datum> elements) -> numbered(elements, path, children);
      default -> {}
    }
    return children;
  }

  private static void numbered(List<Datum> parts, String path, List<Child> children) {
    for (int i = 0; i < parts.size(); i++) {
      children.add(new Child(Integer.toString(i), i, path + "." + i, parts.get(i)));
    }
  }

  /// `node` with other children; a module is changed where it is, so that its functions see it.
  private static Datum with(Datum node, List<Child> children, List<Datum> after) {
    switch (node) {
      case Datum.Module(ModuleInstance instance) -> {
        for (int i = 0; i < after.size(); i++) {
          String name = children.get(i).name();
          if (!children.get(i).datum().equals(after.get(i))
              && instance.members().containsKey(name)) {
            instance.members().put(name, after.get(i));
            instance.scope().define(name, after.get(i));
          }
        }
        return node;
      }
      case Datum.Pipeline pipeline -> {
        return new Datum.Pipeline(after);
      }
      case Datum.Many many -> {
        return new Datum.Many(after);
      }
      default -> {
        return node;
      }
    }
  }

  /// The fault of a path that means nothing: its first step that leads nowhere.
  private static Fault nothing(Path path, ModuleInstance root) {
    for (int length = 1; length <= path.parts().size(); length++) {
      List<Datum> before = reached(path.parts().subList(0, length - 1), root);
      if (!reached(path.parts().subList(0, length), root).isEmpty()) {
        continue;
      }
      List<String> known = new ArrayList<>();
      before.forEach(datum -> children(datum, "").forEach(child -> known.add(child.name())));
      Path.Part part = path.parts().get(length - 1);
      return part instanceof Path.Part.Member(var name)
          ? Faults.unknown("member or weight here", name.text(), name.span(), known)
          : Faults.of(
              DiagnosticCode.OUT_OF_RANGE,
              part.span(),
              "`" + path.span().text() + "` means nothing: there is no such element");
    }
    return Faults.of(
        DiagnosticCode.OUT_OF_RANGE, path.span(), "`" + path.span().text() + "` means nothing");
  }

  private static List<Datum> reached(List<Path.Part> parts, ModuleInstance root) {
    List<Datum> reached = new ArrayList<>();
    walk(
        new Datum.Module(root),
        root.path(),
        parts,
        (at, datum) -> {
          reached.add(datum);
          return datum;
        });
    return reached;
  }
}
