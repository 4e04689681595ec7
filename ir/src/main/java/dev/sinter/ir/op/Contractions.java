package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Index;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the contractions in a tensor that is given element by element, and lets them be such:
/// `sum(a[i, k] * b[k, j] for k) + c[j]` becomes a [Contract] and a [Comprehension] that reads it.
///
/// A sum is a contraction if what is summed is a product of at least two factors that depend on
/// what is summed over. Factors that do not go before the sum; factors whose axes are all among
/// another's are multiplied with it first; a factor that is more than a whole tensor becomes a
/// comprehension of its own, where that makes it no larger.
public final class Contractions {
  private final GraphBuilder b;
  private final List<Value> operands;

  private Contractions(GraphBuilder b, List<Value> operands) {
    this.b = b;
    this.operands = new ArrayList<>(operands);
  }

  /// Some factors of a product, and the axes that they depend on.
  private record Group(List<Elem> factors, Set<String> axes) {
    Group and(Group other) {
      List<Elem> all = new ArrayList<>(factors);
      all.addAll(other.factors);
      Set<String> both = new LinkedHashSet<>(axes);
      both.addAll(other.axes);
      return new Group(all, both);
    }
  }

  /// What is summed, taken apart.
  private static final class Product {
    final List<Elem> factors = new ArrayList<>();
    final List<Elem> divisors = new ArrayList<>();
    boolean negative;
  }

  /// Adds the tensor whose element is `body`.
  ///
  /// @param name the name of its value
  public static Value comprehension(
      GraphBuilder b, List<Axis> axes, Elem body, List<Value> operands, String name) {
    return raised(b, axes, body, operands, name)
        .orElseGet(() -> b.add(new Comprehension(axes, body), operands, List.of(), name).result());
  }

  /// The same with contractions for what is one; nothing where there is none.
  public static Optional<Value> raised(
      GraphBuilder b, List<Axis> axes, Elem body, List<Value> operands, String name) {
    Contractions contractions = new Contractions(b, operands);
    Elem raised = contractions.raise(body, axes, false);
    if (raised.equals(body)) {
      return Optional.empty();
    }
    if (raised instanceof Elem.Read(int operand, List<Index> at)
        && at.equals(Index.of(axes.stream().map(Axis::index).toList()))) {
      return Optional.of(contractions.operands.get(operand));
    }
    return Optional.of(contractions.add(axes, raised, name));
  }

  /// A comprehension over those operands that it reads.
  private Value add(List<Axis> axes, Elem body, String name) {
    List<Integer> used = new ArrayList<>();
    Elem renumbered =
        body.renumbered(operand -> {
          if (!used.contains(operand)) {
            used.add(operand);
          }
          return used.indexOf(operand);
        });
    return b.add(
            new Comprehension(axes, renumbered),
            used.stream().map(operands::get).toList(),
            List.of(),
            name)
        .result();
  }

  /// @param scope the axes around `elem`
  /// @param guarded whether it is evaluated under a condition only, which may protect its reads
  private Elem raise(Elem elem, List<Axis> scope, boolean guarded) {
    return switch (elem) {
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        List<Elem> raised = new ArrayList<>();
        for (Elem arg : args) {
          boolean arm = fn == ScalarFn.SELECT && !raised.isEmpty();
          raised.add(raise(arg, scope, guarded || arm));
        }
        yield new Elem.Call(fn, raised);
      }
      case Elem.Cast(DType dtype, Elem arg) -> new Elem.Cast(dtype, raise(arg, scope, guarded));
      case Elem.Reduce reduce ->
          contraction(reduce, scope, guarded)
              .orElseGet(() ->
                  new Elem.Reduce(
                      reduce.reducer(),
                      reduce.accumulator(),
                      reduce.axes(),
                      raise(reduce.body(), joined(scope, reduce.axes()), guarded)));
      case Elem.Read read -> read;
      case Elem.Literal literal -> literal;
      case Elem.IndexValue index -> index;
    };
  }

  private Optional<Elem> contraction(Elem.Reduce reduce, List<Axis> scope, boolean guarded) {
    List<Axis> bound = new ArrayList<>();
    Elem summed = reduce;
    while (summed instanceof Elem.Reduce(Reducer reducer, DType accumulator, var axes, Elem body)
        && reducer == Reducer.SUM
        && accumulator == reduce.accumulator()) {
      bound.addAll(axes);
      summed = body;
    }
    Set<String> symbols = symbols(bound);
    Product product = new Product();
    split(summed, symbols, product);
    List<Axis> all = joined(scope, bound);
    List<Elem> outer = new ArrayList<>();
    List<Group> groups = new ArrayList<>();
    Set<String> summedOver = new HashSet<>();
    for (Elem factor : product.factors) {
      Set<String> axes = mentioned(factor, all);
      if (axes.stream().noneMatch(symbols::contains)) {
        outer.add(factor);
      } else {
        groups.add(new Group(List.of(raise(factor, all, guarded)), axes));
        summedOver.addAll(axes);
      }
    }
    if (groups.size() < 2 || !summedOver.containsAll(symbols) || all.size() > 26) {
      return Optional.empty();
    }
    merge(groups);
    if (groups.size() < 2 || !fits(groups, reduce.accumulator(), all, guarded)) {
      return Optional.empty();
    }
    Elem sum = contract(groups, all, symbols);
    for (Elem factor : outer) {
      sum = Elem.call(ScalarFn.MUL, sum, raise(factor, scope, guarded));
    }
    for (Elem divisor : product.divisors) {
      sum = Elem.call(ScalarFn.DIV, sum, raise(divisor, scope, guarded));
    }
    return Optional.of(product.negative ? Elem.call(ScalarFn.NEG, sum) : sum);
  }

  /// Takes a product apart; what divides it may stay outside if it does not depend on `bound`.
  private static void split(Elem elem, Set<String> bound, Product into) {
    if (elem instanceof Elem.Call(ScalarFn fn, List<Elem> args)) {
      if (fn == ScalarFn.MUL) {
        args.forEach(arg -> split(arg, bound, into));
        return;
      }
      if (fn == ScalarFn.NEG) {
        into.negative = !into.negative;
        split(args.getFirst(), bound, into);
        return;
      }
      if (fn == ScalarFn.DIV && free(args.get(1)).stream().noneMatch(bound::contains)) {
        split(args.get(0), bound, into);
        into.divisors.add(args.get(1));
        return;
      }
    }
    into.factors.add(elem);
  }

  /// Multiplies what has no axis of its own with another, while there are more than two.
  private static void merge(List<Group> groups) {
    for (int i = 0; i < groups.size() && groups.size() > 2; i++) {
      for (int j = 0; j < groups.size() && groups.size() > 2; j++) {
        if (i != j && groups.get(j).axes().containsAll(groups.get(i).axes())) {
          groups.set(j, groups.get(j).and(groups.get(i)));
          groups.remove(i);
          i = -1;
          break;
        }
      }
    }
  }

  private boolean fits(List<Group> groups, DType accumulator, List<Axis> all, boolean guarded) {
    List<TensorType> types = types();
    DType dtype = groups.getFirst().factors().getFirst().dtype(types);
    boolean whole = groups.stream().allMatch(g -> letters(g, all) != null);
    boolean nested =
        groups.size() == 2
            && (groups.get(0).axes().containsAll(groups.get(1).axes())
                || groups.get(1).axes().containsAll(groups.get(0).axes()));
    return dtype != DType.BOOL
        && accumulator == dtype.compute()
        && groups.stream().flatMap(g -> g.factors().stream()).allMatch(f -> f.dtype(types) == dtype)
        // A sum over one tensor, were it made first, is better made with it.
        && (whole
            || (!nested
                && !guarded
                && groups.stream().allMatch(g -> letters(g, all) != null || separable(g, all))));
  }

  /// The sum of products as a read of one new operand.
  private Elem contract(List<Group> groups, List<Axis> all, Set<String> bound) {
    Value result = null;
    String has = "";
    Set<String> needed = new HashSet<>();
    for (int i = 0; i < groups.size(); i++) {
      Group group = groups.get(i);
      String letters = letters(group, all);
      Value value;
      if (letters != null && group.factors().getFirst() instanceof Elem.Read read) {
        value = operands.get(read.operand());
      } else {
        List<Axis> axes = all.stream().filter(a -> group.axes().contains(a.symbol())).toList();
        letters = spell(axes, all);
        value = add(axes, multiplied(group.factors()), "");
      }
      if (result == null) {
        result = value;
        has = letters;
        continue;
      }
      needed.clear();
      groups.subList(i + 1, groups.size()).forEach(later -> needed.addAll(later.axes()));
      String mine = has + letters;
      List<Axis> kept =
          all.stream()
              .filter(a -> mine.indexOf(letter(a.symbol(), all)) >= 0)
              .filter(a -> !bound.contains(a.symbol()) || needed.contains(a.symbol()))
              .toList();
      String out = spell(kept, all);
      result = Contract.of(b, has + "," + letters + "->" + out, result, value);
      has = out;
    }
    operands.add(java.util.Objects.requireNonNull(result));
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < has.length(); i++) {
      at.add(all.get(has.charAt(i) - 'a').index());
    }
    return Elem.read(operands.size() - 1, at);
  }

  private static Elem multiplied(List<Elem> factors) {
    return factors.stream().reduce((x, y) -> Elem.call(ScalarFn.MUL, x, y)).orElseThrow();
  }

  /// The letters of a whole tensor, each of whose indices is an axis of its own; null for all else.
  private @Nullable String letters(Group group, List<Axis> all) {
    if (group.factors().size() != 1
        || !(group.factors().getFirst() instanceof Elem.Read(int operand, List<Index> at))) {
      return null;
    }
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < at.size(); i++) {
      String symbol = at.get(i) instanceof Index.At(Dim expr) ? expr.symbolName() : null;
      Axis axis = symbol == null ? null : find(symbol, all);
      if (axis == null
          || !axis.extent().equals(operands.get(operand).type().dim(i))
          || letters.indexOf(String.valueOf(letter(axis.symbol(), all))) >= 0) {
        return null;
      }
      letters.append(letter(axis.symbol(), all));
    }
    return letters.toString();
  }

  /// Whether a tensor of the group's own axes has no more elements than what it reads: no index is
  /// made of several axes, or of elements.
  private static boolean separable(Group group, List<Axis> all) {
    return group.factors().stream().allMatch(factor -> separable(factor, all));
  }

  private static boolean separable(Elem elem, List<Axis> all) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) ->
          at.stream()
              .allMatch(index ->
                  index instanceof Index.At(Dim expr)
                      && expr.symbols().stream().filter(s -> find(s, all) != null).count() <= 1);
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          args.stream().allMatch(arg -> separable(arg, all));
      case Elem.Cast(DType dtype, Elem arg) -> separable(arg, all);
      case Elem.Reduce reduce -> false;
      case Elem.Literal literal -> true;
      case Elem.IndexValue index -> true;
    };
  }

  private static @Nullable Axis find(String symbol, List<Axis> all) {
    return all.stream().filter(a -> a.symbol().equals(symbol)).findFirst().orElse(null);
  }

  private static char letter(String symbol, List<Axis> all) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).symbol().equals(symbol)) {
        return (char) ('a' + i);
      }
    }
    throw new IllegalArgumentException(symbol);
  }

  private static String spell(List<Axis> axes, List<Axis> all) {
    StringBuilder letters = new StringBuilder();
    axes.forEach(a -> letters.append(letter(a.symbol(), all)));
    return letters.toString();
  }

  private static Set<String> mentioned(Elem elem, List<Axis> all) {
    Set<String> free = free(elem);
    Set<String> mentioned = new LinkedHashSet<>();
    all.stream().map(Axis::symbol).filter(free::contains).forEach(mentioned::add);
    return mentioned;
  }

  /// The symbols that an element depends on.
  private static Set<String> free(Elem elem) {
    Set<String> free = new HashSet<>();
    switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        for (Index index : at) {
          switch (index) {
            case Index.At(Dim expr) -> free.addAll(expr.symbols());
            case Index.Computed(Elem place) -> free.addAll(free(place));
          }
        }
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> args.forEach(arg -> free.addAll(free(arg)));
      case Elem.Cast(DType dtype, Elem arg) -> free.addAll(free(arg));
      case Elem.Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) -> {
        free.addAll(free(body));
        axes.forEach(axis -> free.addAll(axis.extent().symbols()));
        free.removeAll(symbols(axes));
      }
      case Elem.IndexValue(DType dtype, Dim expr) -> free.addAll(expr.symbols());
      case Elem.Literal literal -> {}
    }
    return free;
  }

  private static Set<String> symbols(List<Axis> axes) {
    Set<String> symbols = new HashSet<>();
    axes.forEach(axis -> symbols.add(axis.symbol()));
    return symbols;
  }

  private static List<Axis> joined(List<Axis> outer, List<Axis> inner) {
    List<Axis> all = new ArrayList<>(outer);
    all.addAll(inner);
    return all;
  }

  private List<TensorType> types() {
    return operands.stream().map(Value::type).toList();
  }
}
