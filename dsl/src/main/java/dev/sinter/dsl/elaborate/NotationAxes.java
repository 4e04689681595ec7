package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Axis;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Subscript;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The axes in scope in index notation, and how far each runs: as its range says, else as the first
/// tensor says that it indexes alone.
final class NotationAxes {
  private final Elaboration all;
  private final Scope scope;
  private final Build build;
  private final Map<String, Dim> symbols = new LinkedHashMap<>();
  private final Map<String, List<Dim>> rests = new LinkedHashMap<>();
  private final List<dev.sinter.ir.Axis> inScope = new ArrayList<>();
  private final List<Facts.Fact> assumed = new ArrayList<>();

  NotationAxes(Elaboration all, Scope scope, Build build) {
    this.all = all;
    this.scope = scope;
    this.build = build;
  }

  /// Brings axes into scope; an extent that is not given is looked for in `body`.
  List<dev.sinter.ir.Axis> declare(List<Axis> declared, Expr body) {
    List<dev.sinter.ir.Axis> out = new ArrayList<>();
    for (Axis axis : declared) {
      switch (axis) {
        case Axis.Single single -> {
          String name = single.name().text();
          Dim from = Dim.ZERO;
          Dim extent;
          if (single.range() != null) {
            from = all.expressions().size(single.range().from(), scope, build);
            extent = all.expressions().size(single.range().to(), scope, build).minus(from);
          } else {
            extent =
                extent(body, name)
                    .orElseThrow(() ->
                        new Fault(
                            Diagnostic.error(
                                    DiagnosticCode.UNBOUND_SIZE,
                                    single.span(),
                                    "nothing says how far `" + name + "` runs")
                                .note("no operand has `" + name + "` alone as an index")
                                .help("give its range: `" + name + " in 0..N`")));
          }
          dev.sinter.ir.Axis added =
              new dev.sinter.ir.Axis("%" + name + "." + inScope.size(), extent);
          out.add(added);
          inScope.add(added);
          symbols.put(name, added.index().plus(from));
        }
        case Axis.Rest rest -> {
          List<Dim> sizes =
              restSizes(body, rest.name().text())
                  .orElseThrow(() ->
                      Faults.of(
                          DiagnosticCode.UNBOUND_SIZE,
                          rest.span(),
                          "nothing says how many axes `.." + rest.name().text() + "` are"));
          List<Dim> indices = new ArrayList<>();
          for (Dim size : sizes) {
            dev.sinter.ir.Axis added =
                new dev.sinter.ir.Axis("%" + rest.name().text() + "." + inScope.size(), size);
            out.add(added);
            inScope.add(added);
            indices.add(added.index());
          }
          rests.put(rest.name().text(), indices);
        }
      }
    }
    return out;
  }

  /// What `inside` gives, after which only the axes of now are in scope.
  <T> T nested(Supplier<T> inside) {
    Map<String, Dim> symbolsBefore = new LinkedHashMap<>(symbols);
    Map<String, List<Dim>> restsBefore = new LinkedHashMap<>(rests);
    T result = inside.get();
    symbols.keySet().retainAll(symbolsBefore.keySet());
    symbols.putAll(symbolsBefore);
    rests.keySet().retainAll(restsBefore.keySet());
    return result;
  }

  /// The index that `name` stands for, or null if it is no axis.
  @Nullable Dim index(String name) {
    return symbols.get(name);
  }

  /// The indices that the group of axes `..name` stands for, or null if there is none of that name.
  @Nullable List<Dim> rest(String name) {
    return rests.get(name);
  }

  /// The names of the groups of axes.
  List<String> restNames() {
    return new ArrayList<>(rests.keySet());
  }

  /// What `inside` gives where `facts` hold.
  <T> T assuming(List<Facts.Fact> facts, Supplier<T> inside) {
    int before = assumed.size();
    assumed.addAll(facts);
    T result = inside.get();
    assumed.subList(before, assumed.size()).clear();
    return result;
  }

  /// What is known of sizes and of the axes so far, whatever conditions are around.
  Facts facts() {
    return new Facts(build.facts().facts(), inScope);
  }

  /// Whether an index is proved to lie in `0 .. size - 1`.
  boolean isInside(Dim index, Dim size) {
    return isInside(index, size, facts())
        || (!assumed.isEmpty() && isInside(index, size, facts().and(assumed)));
  }

  private static boolean isInside(Dim index, Dim size, Facts facts) {
    return facts.atLeast(index, Dim.ZERO) && facts.atLeast(size, index.plus(1));
  }

  /// The size of the first axis of a tensor in `expr` whose index is `name` alone.
  private Optional<Dim> extent(Expr expr, String name) {
    if (expr instanceof Expr.Index index) {
      Optional<Value> tensor = operand(index.value());
      if (tensor.isPresent()) {
        int axis = 0;
        for (Subscript subscript : index.subscripts()) {
          if (subscript instanceof Subscript.Rest) {
            axis += tensor.get().type().rank() - (index.subscripts().size() - 1);
            continue;
          }
          if (subscript instanceof Subscript.At(Expr.Named(var place))
              && place.text().equals(name)
              && axis < tensor.get().type().rank()) {
            return Optional.of(tensor.get().type().dim(axis));
          }
          axis++;
        }
      }
    }
    return Children.of(expr).stream()
        .map(child -> extent(child, name))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Optional<List<Dim>> restSizes(Expr expr, String name) {
    if (expr instanceof Expr.Index index) {
      Optional<Value> tensor = operand(index.value());
      int axis = 0;
      for (Subscript subscript : index.subscripts()) {
        if (tensor.isPresent()
            && subscript instanceof Subscript.Rest rest
            && rest.name() != null
            && rest.name().text().equals(name)) {
          TensorType type = tensor.get().type();
          int count = type.rank() - (index.subscripts().size() - 1);
          return Optional.of(type.shape().subList(axis, axis + count));
        }
        axis++;
      }
    }
    return Children.of(expr).stream()
        .map(child -> restSizes(child, name))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// The tensor that an expression without axes is, if it is one.
  Optional<Value> operand(Expr expr) {
    if (mentionsAxis(expr)) {
      return Optional.empty();
    }
    return all.expressions().eval(expr, scope, build) instanceof Datum.Tensor(Value value)
        ? Optional.of(value)
        : Optional.empty();
  }

  /// Whether an axis is named in `expr`.
  boolean mentionsAxis(Expr expr) {
    if (expr instanceof Expr.Named named
        && symbols.containsKey(named.name().text())
        && scope.find(named.name().text()) == null) {
      return true;
    }
    return Children.of(expr).stream().anyMatch(this::mentionsAxis);
  }
}
