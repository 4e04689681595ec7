package dev.sinter.onnx.rules;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contractions;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The equation of an Einsum: a name for each axis of each operand and of the result. An axis of an
/// ellipsis is called by its number from the last, as `.0`.
///
/// @param operands the names of each operand's axes
/// @param result the names of the result's axes
record Equation(List<List<String>> operands, List<String> result) {
  private static final String ELLIPSIS = "...";

  /// Reads the attribute `equation`.
  static Equation of(OpContext op) {
    String text = op.text("equation", "").replace(" ", "");
    int arrow = text.indexOf("->");
    List<String> terms =
        Arrays.asList((arrow < 0 ? text : text.substring(0, arrow)).split(",", -1));
    if (terms.size() != op.inputs()) {
      throw op.fail("has %d inputs for `%s`".formatted(op.inputs(), text));
    }
    List<List<String>> operands = new ArrayList<>();
    int widest = 0;
    Map<String, Integer> uses = new TreeMap<>();
    for (int i = 0; i < terms.size(); i++) {
      String term = terms.get(i);
      int letters = term.replace(ELLIPSIS, "").length();
      int rest = op.type(i).rank() - letters;
      if (rest < 0 || (rest > 0 && !term.contains(ELLIPSIS))) {
        throw op.fail("has the input %s for `%s`".formatted(op.type(i), term));
      }
      widest = Math.max(widest, rest);
      List<String> names = names(op, term, rest);
      names.stream()
          .filter(name -> !name.startsWith("."))
          .forEach(name -> uses.merge(name, 1, Integer::sum));
      operands.add(names);
    }
    if (arrow >= 0) {
      return new Equation(operands, names(op, text.substring(arrow + 2), widest));
    }
    List<String> result = names(op, ELLIPSIS, widest);
    uses.forEach((name, count) -> {
      if (count == 1) {
        result.add(name);
      }
    });
    return new Equation(operands, result);
  }

  private static List<String> names(OpContext op, String term, int rest) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith(ELLIPSIS, i)) {
        for (int axis = rest - 1; axis >= 0; axis--) {
          names.add("." + axis);
        }
        i += ELLIPSIS.length() - 1;
      } else if (Character.isLetter(term.charAt(i))) {
        names.add(term.substring(i, i + 1));
      } else {
        throw op.fail("has an equation with `%s`".formatted(term));
      }
    }
    return names;
  }

  /// The sum of products.
  Value product(OpContext op) {
    List<Value> values = op.all();
    Map<String, Dim> sizes = sizes(op);
    AxisNames fresh = new AxisNames();
    Map<String, Axis> axes = new LinkedHashMap<>();
    for (String name : result) {
      Dim size = sizes.get(name);
      if (size == null || axes.putIfAbsent(name, fresh.axis(size)) != null) {
        throw op.fail("has an equation whose result names %s".formatted(result));
      }
    }
    List<Axis> out = new ArrayList<>(axes.values());
    List<Axis> summed = new ArrayList<>();
    sizes.forEach((name, size) -> {
      if (!axes.containsKey(name)) {
        Axis axis = fresh.axis(size);
        axes.put(name, axis);
        summed.add(axis);
      }
    });
    List<Elem> factors = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      List<Dim> at = new ArrayList<>();
      for (int axis = 0; axis < operands.get(i).size(); axis++) {
        Axis named = Objects.requireNonNull(axes.get(operands.get(i).get(axis)));
        boolean repeats = op.type(i).dim(axis).is(1) && !named.extent().is(1);
        at.add(repeats ? Dim.ZERO : named.index());
      }
      factors.add(Elem.read(i, at));
    }
    Elem product = factors.stream().reduce(Formulas::mul).orElseThrow();
    DType dtype = values.getFirst().type().dtype();
    Elem sum =
        summed.isEmpty() ? product : new Elem.Reduce(Reducer.SUM, dtype.compute(), summed, product);
    return Contractions.comprehension(op.builder(), out, sum, values, "");
  }

  private Map<String, Dim> sizes(OpContext op) {
    Map<String, Dim> sizes = new LinkedHashMap<>();
    for (int i = 0; i < operands.size(); i++) {
      for (int axis = 0; axis < operands.get(i).size(); axis++) {
        String name = operands.get(i).get(axis);
        Dim size = op.type(i).dim(axis);
        Dim before = sizes.get(name);
        if (before == null || before.is(1)) {
          sizes.put(name, size);
        } else if (!size.is(1) && !op.agree(before, size)) {
          throw op.fail("has sizes %s and %s for one axis".formatted(before, size));
        }
      }
    }
    return sizes;
  }
}
