package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;

import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/// A function that a layer names.
///
/// @param op the layer
/// @param name the name, in small letters
/// @param alpha its first parameter
/// @param beta its second
record Activation(OpContext op, String name, double alpha, double beta) {
  /// The functions of a layer: those of one direction, then those of the other.
  ///
  /// @param defaults the names for a direction where the layer gives none
  static List<Activation> all(OpContext op, List<String> defaults) {
    List<String> names = new ArrayList<>(op.texts("activations").orElse(defaults));
    if (names.size() < defaults.size()) {
      throw op.fail("has %d activations, not %d".formatted(names.size(), defaults.size()));
    }
    // A layer may name those of one direction only, or leave out the other's.
    for (int i = 0; names.size() < 2 * defaults.size(); i++) {
      names.add(names.get(i));
    }
    Iterator<Float> alphas = op.reals("activation_alpha").orElse(List.of()).iterator();
    Iterator<Float> betas = op.reals("activation_beta").orElse(List.of()).iterator();
    List<Activation> all = new ArrayList<>();
    for (String name : names) {
      String small = name.toLowerCase(Locale.ROOT);
      // Parameters are listed for the functions that have them, in their order.
      double alpha = takesAlpha(small) && alphas.hasNext() ? alphas.next() : alpha(small);
      double beta = takesBeta(small) && betas.hasNext() ? betas.next() : beta(small);
      all.add(new Activation(op, small, alpha, beta));
    }
    return all;
  }

  /// The function called `name`, in small letters.
  ///
  /// @param numbers its parameters, as far as they are given
  static Activation of(OpContext op, String name, List<Float> numbers) {
    double alpha = numbers.isEmpty() ? alpha(name) : numbers.get(0);
    double beta = numbers.size() < 2 ? beta(name) : numbers.get(1);
    return new Activation(op, name, alpha, beta);
  }

  private static boolean takesAlpha(String name) {
    return takesBeta(name) || List.of("leakyrelu", "thresholdedrelu", "elu").contains(name);
  }

  private static boolean takesBeta(String name) {
    return List.of("affine", "scaledtanh", "hardsigmoid").contains(name);
  }

  private static double alpha(String name) {
    return switch (name) {
      case "leakyrelu" -> 0.01;
      case "hardsigmoid" -> 0.2;
      default -> 1;
    };
  }

  private static double beta(String name) {
    return switch (name) {
      case "hardsigmoid" -> 0.5;
      case "scaledtanh" -> 1;
      default -> 0;
    };
  }

  /// The function of each element.
  Value apply(GraphBuilder b, Value x) {
    return switch (name) {
      case "tanh" -> b.add(Pointwise.TANH, x);
      case "sigmoid" -> b.add(Pointwise.SIGMOID, x);
      case "relu" -> b.add(Pointwise.RELU, x);
      case "softplus" -> b.add(Pointwise.SOFTPLUS, x);
      default -> b.formula(formula().apply(Formulas.arg(0), x.type().dtype()), List.of(x));
    };
  }

  private Formulas.Unary formula() {
    return switch (name) {
      case "affine" -> (x, t) -> add(mul(real(t, alpha), x), real(t, beta));
      case "leakyrelu" -> ActivationRules.leaky(alpha);
      case "thresholdedrelu" -> ActivationRules.thresholded(alpha);
      case "scaledtanh" ->
          (x, t) -> mul(real(t, alpha), Elem.call(ScalarFn.TANH, mul(real(t, beta), x)));
      case "hardsigmoid" -> ActivationRules.hard(alpha, beta);
      case "elu" -> ActivationRules.elu(alpha);
      case "softsign" -> ActivationRules::softsign;
      default -> throw op.fail("has the activation " + name);
    };
  }
}
