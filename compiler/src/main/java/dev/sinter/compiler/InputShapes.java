package dev.sinter.compiler;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Sizes that a caller gives inputs whose sizes a model leaves open.
///
/// @param sizes for the name of each such input the sizes of all its axes
public record InputShapes(Map<String, List<Long>> sizes) {
  /// None are given.
  public static final InputShapes NONE = new InputShapes(Map.of());

  private static final Pattern SIZES = Pattern.compile("[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*");

  public InputShapes {
    sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
  }

  /// Reads the sizes of each input as a command line has them: `1,3,224,224`.
  ///
  /// @throws DiagnosticException for what are no sizes
  public static InputShapes parse(Map<String, String> texts) {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    texts.forEach((name, text) -> {
      if (!SIZES.matcher(text).matches()) {
        throw new DiagnosticException(
            fault("--input-shape %s=%s are no sizes".formatted(name, text))
                .help("give positive numbers, as in `--input-shape x=1,3,224,224`"));
      }
      sizes.put(name, Arrays.stream(text.split(",")).map(Long::valueOf).toList());
    });
    return new InputShapes(sizes);
  }

  /// Checks that there are these inputs and that they can have these sizes; of inputs of the same
  /// name in several entries, that one can.
  ///
  /// @throws DiagnosticException if not
  public void check(List<Graph> entries) {
    List<Argument> arguments =
        entries.stream().flatMap(entry -> arguments(entry).stream()).distinct().toList();
    sizes.forEach((name, given) -> {
      List<TensorType> types =
          arguments.stream().filter(a -> a.name().equals(name)).map(Argument::type).toList();
      if (types.isEmpty()) {
        throw new DiagnosticException(
            fault("there is no input %s to have the sizes %s".formatted(name, text(given)))
                .note(
                    "the inputs are %s"
                        .formatted(
                            arguments.stream()
                                .map(Argument::toString)
                                .collect(Collectors.joining(", ")))));
      }
      List<String> misfits = new ArrayList<>();
      types.forEach(type -> misfit(type, given).ifPresent(misfits::add));
      if (misfits.size() == types.size()) {
        throw new DiagnosticException(
            fault(
                "input %s cannot have the sizes %s: %s"
                    .formatted(name, text(given), String.join("; ", misfits))));
      }
    });
  }

  /// The sizes of those arguments of an entry that were given some that they can have, by their
  /// number.
  public Map<Integer, List<Long>> of(Graph entry) {
    Map<Integer, List<Long>> fitting = new LinkedHashMap<>();
    List<Argument> arguments = arguments(entry);
    for (int i = 0; i < arguments.size(); i++) {
      List<Long> given = sizes.get(arguments.get(i).name());
      if (given != null && misfit(arguments.get(i).type(), given).isEmpty()) {
        fitting.put(i, given);
      }
    }
    return fitting;
  }

  /// Why a tensor of `type` does not have these sizes, if it does not.
  private static Optional<String> misfit(TensorType type, List<Long> given) {
    List<Dim> shape = type.shape();
    if (shape.size() != given.size()) {
      return Optional.of("%s has another number of axes, %d".formatted(type, shape.size()));
    }
    for (int axis = 0; axis < shape.size(); axis++) {
      Dim size = shape.get(axis);
      if (size.isConstant() && size.constant() != given.get(axis)) {
        return Optional.of("%s is %s on axis %d".formatted(type, size, axis));
      }
    }
    return Optional.empty();
  }

  private record Argument(String name, TensorType type) {
    @Override
    public String toString() {
      return name + ": " + type;
    }
  }

  private static List<Argument> arguments(Graph entry) {
    return IntStream.range(0, entry.inputs().size())
        .filter(i -> entry.inputs().get(i).role() == Graph.Role.ARGUMENT)
        .mapToObj(i -> new Argument(entry.inputs().get(i).name(), entry.input(i).type()))
        .toList();
  }

  private static String text(List<Long> sizes) {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static Diagnostic fault(String message) {
    return Diagnostic.error(DiagnosticCode.SIZES_MISFIT, Span.NONE, message);
  }
}
