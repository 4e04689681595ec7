package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Warns of members whose weights no entry reads: mostly a layer that the text forgot to call.
final class UnusedMembers {
  private final Map<String, Span> places;
  private final Set<String> read = new HashSet<>();

  private UnusedMembers(Map<String, Span> places, List<Graph> entries) {
    this.places = places;
    entries.forEach(entry -> entry.inputs().forEach(input -> read.add(input.name())));
  }

  /// Reports the outermost members of which `entries` read nothing.
  static void report(Elaboration all, List<Graph> entries) {
    UnusedMembers unused = new UnusedMembers(all.places(), entries);
    for (ModelGraph.Parameter parameter : all.parameters().values()) {
      if (parameter.kind() == ModelGraph.Kind.WEIGHT && !unused.read.contains(parameter.name())) {
        unused.member(parameter.name(), all);
      }
    }
  }

  private void member(String weight, Elaboration all) {
    for (int dot = weight.indexOf('.'); ; dot = weight.indexOf('.', dot + 1)) {
      String path = dot < 0 ? weight : weight.substring(0, dot);
      Span place = places.get(path);
      if (place != null
          && read.stream().noneMatch(r -> r.equals(path) || r.startsWith(path + "."))) {
        if (!place.source().name().startsWith("std/")) {
          all.diagnostics()
              .report(
                  Diagnostic.warning(
                          DiagnosticCode.UNUSED,
                          place,
                          "nothing reads the weights of `" + path + "`")
                      .help("call it in a `fn`, or leave it out"));
        }
        return;
      }
      if (dot < 0) {
        return;
      }
    }
  }
}
