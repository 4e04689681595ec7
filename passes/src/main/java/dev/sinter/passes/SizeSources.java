package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.program.Program.DimSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds for each symbol in a graph's sizes where its value comes from.
///
/// A size of an argument tells a symbol that it is linear in once the others are known: `[2*N]`
/// tells `N`. Arguments come first, since their sizes are fresh at each call, while those of a
/// state stay as they are; and sizes that are a symbol come before those that have to be solved.
final class SizeSources {
  private final Graph graph;
  private final List<Given> given = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  /// A size that somebody gives.
  ///
  /// @param argument the number of the argument, or -1 for a state
  private record Given(Dim size, int argument, String name, int axis) {}

  SizeSources(Graph graph) {
    this.graph = graph;
    int arguments = 0;
    List<Given> states = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      List<Dim> shape = graph.input(i).type().shape();
      int number = input.role() == Graph.Role.ARGUMENT ? arguments++ : -1;
      for (int axis = 0; axis < shape.size(); axis++) {
        Given size = new Given(shape.get(axis), number, input.name(), axis);
        switch (input.role()) {
          case ARGUMENT -> given.add(size);
          case STATE -> states.add(size);
          case WEIGHT -> {}
        }
      }
    }
    given.addAll(states);
  }

  /// The sources, in an order in which each is known before it is used.
  ///
  /// @throws DiagnosticException if nothing tells some symbol
  List<DimSource> dims() {
    List<DimSource> dims = new ArrayList<>();
    for (Optional<DimSource> next = next(); next.isPresent(); next = next()) {
      dims.add(next.get());
      known.add(next.get().symbol());
    }
    Set<String> missing = Lower.symbols(graph);
    missing.removeAll(known);
    if (!missing.isEmpty()) {
      throw new DiagnosticException(
          Diagnostic.error(
              DiagnosticCode.UNBOUND_SIZE,
              Span.NONE,
              "no argument and no state of `%s` tells the size %s"
                  .formatted(graph.name(), String.join(", ", missing))));
    }
    return dims;
  }

  private Optional<DimSource> next() {
    for (boolean arguments : new boolean[] {true, false}) {
      for (boolean plain : new boolean[] {true, false}) {
        for (Given size : given) {
          if (size.argument() >= 0 == arguments && size.size().symbolName() != null == plain) {
            Optional<DimSource> source = source(size);
            if (source.isPresent()) {
              return source;
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  /// What `given` tells: the one symbol in it that is not known, if it is linear in that.
  private Optional<DimSource> source(Given given) {
    List<String> unknown =
        given.size().symbols().stream().filter(s -> !known.contains(s)).distinct().toList();
    if (unknown.size() != 1) {
      return Optional.empty();
    }
    String symbol = unknown.getFirst();
    Dim factor = given.size().coefficient(symbol);
    if (factor == null || factor.is(0)) {
      return Optional.empty();
    }
    Dim rest = given.size().minus(factor.times(Dim.symbol(symbol)));
    return Optional.of(
        given.argument() >= 0
            ? new DimSource.OfInput(symbol, given.argument(), given.axis(), factor, rest)
            : new DimSource.OfState(symbol, given.name(), given.axis(), factor, rest));
  }
}
