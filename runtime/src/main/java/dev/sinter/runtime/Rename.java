package dev.sinter.runtime;

import dev.sinter.runtime.files.StoredTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How files of weights call what a model calls otherwise: `h.{i}.fc.{p}` is `blocks.{i}.mlp.{p}`.
///
/// `{i}` stands for one part of a name, between dots; where it ends the pattern, for all that is
/// left. `{..p}` stands for any number of parts, wherever it is.
///
/// @param file the pattern of names in files
/// @param model the pattern of names in the model; empty where it has no use for the tensor
/// @param order axis `i` of the model's tensor is axis `order(i)` of the file's; empty where they
///   are the same
public record Rename(String file, String model, List<Integer> order) {
  private static final int MOST_PLACES = 8;
  private static final Pattern PLACE = Pattern.compile("\\{(?:\\.\\.)?([A-Za-z_][A-Za-z0-9_]*)\\}");
  private static final String MANY = "{..";
  private static final Pattern RULE =
      Pattern.compile("\\s*(\\S+)\\s*->\\s*(\\S*)\\s*?(?:\\s+with\\s+(.*\\S))?\\s*");
  private static final Pattern AXES = Pattern.compile("rearrange\\s*\\{([^{}]*)->([^{}]*)\\}");

  /// Checks the patterns.
  ///
  /// @throws IllegalArgumentException saying in a sentence what is wrong with them
  public Rename {
    order = List.copyOf(order);
    List<String> given = places(file);
    if (given.size() > MOST_PLACES) {
      throw new IllegalArgumentException(
          "`%s` has more than %d places in braces".formatted(file, MOST_PLACES));
    }
    Set<String> distinct = new HashSet<>(given);
    if (distinct.size() != given.size()) {
      throw new IllegalArgumentException("`%s` has one name in braces twice".formatted(file));
    }
    for (String place : places(model)) {
      if (!distinct.contains(place)) {
        throw new IllegalArgumentException(
            "`{%s}` of `%s` does not stand in `%s`".formatted(place, model, file));
      }
    }
    for (int axis = 0; axis < order.size(); axis++) {
      if (!order.contains(axis)) {
        throw new IllegalArgumentException("%s is no order of axes".formatted(order));
      }
    }
    if (file.contains("}{")) {
      throw new IllegalArgumentException("two places of `%s` touch".formatted(file));
    }
    // One alone: what two of them stand for would be a matter of luck, and costly to find.
    if (file.indexOf(MANY) != file.lastIndexOf(MANY)) {
      throw new IllegalArgumentException("`%s` has more than one place `{..}`".formatted(file));
    }
  }

  /// Reads `h.{i}.{p} -> blocks.{i}.{p}`, after which `with rearrange{i o -> o i}` may stand; with
  /// nothing after the arrow, tensors of these names are left out.
  ///
  /// @throws IllegalArgumentException saying in a sentence what is wrong with it
  public static Rename parse(String rule) {
    Matcher parts = RULE.matcher(rule);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "`%s` is no rule: write `h.{i}.{p} -> blocks.{i}.{p}`, say".formatted(rule.strip()));
    }
    String axes = parts.group(3);
    return new Rename(parts.group(1), parts.group(2), axes == null ? List.of() : order(axes, rule));
  }

  private static List<Integer> order(String axes, String rule) {
    Matcher both = AXES.matcher(axes);
    if (both.matches()) {
      List<String> from = List.of(both.group(1).strip().split("\\s+"));
      List<Integer> order =
          List.of(both.group(2).strip().split("\\s+")).stream().map(from::indexOf).toList();
      if (order.size() == from.size()) {
        return order;
      }
    }
    throw new IllegalArgumentException(
        "`%s` ends in no order of axes such as `with rearrange{i o -> o i}`"
            .formatted(rule.strip()));
  }

  /// Whether the model has no use for tensors of these names.
  public boolean leavesOut() {
    return model.isEmpty();
  }

  /// What the model calls the file's tensor `name`, if this speaks of it; nothing at all where it
  /// is left out.
  public Optional<String> of(String name) {
    Matcher fits = pattern().matcher(name);
    if (!fits.matches()) {
      return Optional.empty();
    }
    List<String> given = places(file);
    Map<String, String> found = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      found.put(given.get(i), fits.group(i + 1));
    }
    return Optional.of(
        PLACE
            .matcher(model)
            .replaceAll(place ->
                Matcher.quoteReplacement(found.getOrDefault(place.group(1), place.group()))));
  }

  /// This for a model that is the member `path` of another, whose files have its names below `path`
  /// as well.
  public Rename below(String path) {
    return path.isEmpty()
        ? this
        : new Rename(path + "." + file, leavesOut() ? "" : path + "." + model, order);
  }

  /// Whether both patterns begin with `path` and a dot.
  public boolean isBelow(String path) {
    return file.startsWith(path + ".") && (leavesOut() || model.startsWith(path + "."));
  }

  /// This without the `path` that both patterns begin with.
  public Rename within(String path) {
    int begin = path.length() + 1;
    return new Rename(file.substring(begin), leavesOut() ? "" : model.substring(begin), order);
  }

  /// `tensor`, its axes in the model's order.
  ///
  /// @param name what the file calls it
  /// @throws ModelException if it has another number of axes
  StoredTensor turned(StoredTensor tensor, String name) {
    if (order.isEmpty()) {
      return tensor;
    }
    if (tensor.rank() != order.size()) {
      throw new ModelException(
          "%s is %s in the file, and its axes are to be put in the order %s"
              .formatted(name, tensor.type(), order));
    }
    long[] shape = order.stream().mapToLong(tensor::dim).toArray();
    return new StoredTensor(tensor.dtype(), shape, () -> turned(tensor.read(), shape));
  }

  private Tensor turned(Tensor tensor, long[] shape) {
    long[] strides = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      long stride = 1;
      for (int after = order.get(i) + 1; after < tensor.rank(); after++) {
        stride *= tensor.dim(after);
      }
      strides[i] = stride;
    }
    Tensor turned = Tensor.zeros(tensor.dtype(), shape);
    long[] at = new long[shape.length];
    for (long to = 0; to < turned.size(); to++) {
      long from = 0;
      for (int i = 0; i < at.length; i++) {
        from += at[i] * strides[i];
      }
      if (tensor.dtype().isFloat()) {
        turned.setDouble(to, tensor.getDouble(from));
      } else {
        turned.setLong(to, tensor.getLong(from));
      }
      for (int i = at.length - 1; i >= 0 && ++at[i] == shape[i]; i--) {
        at[i] = 0;
      }
    }
    return turned;
  }

  private static List<String> places(String pattern) {
    List<String> places = new ArrayList<>();
    PLACE.matcher(pattern).results().forEach(place -> places.add(place.group(1)));
    return places;
  }

  private Pattern pattern() {
    StringBuilder regex = new StringBuilder();
    Matcher place = PLACE.matcher(file);
    int end = 0;
    while (place.find()) {
      regex.append(Pattern.quote(file.substring(end, place.start())));
      boolean all = place.end() == file.length() || place.group().startsWith(MANY);
      regex.append(all ? "(.+)" : "([^.]+)");
      end = place.end();
    }
    return Pattern.compile(regex.append(Pattern.quote(file.substring(end))).toString());
  }

  /// The line in a model's text, without its first word.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(Words.quote(file) + " " + Words.quote(model));
    order.forEach(axis -> text.append(' ').append(axis));
    return text.toString();
  }
}
