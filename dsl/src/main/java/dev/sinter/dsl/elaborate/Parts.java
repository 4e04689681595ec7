package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Name;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds what `value.name` means.
final class Parts {
  private final Elaboration all;

  Parts(Elaboration all) {
    this.all = all;
  }

  /// `value.name`: a member, param, state, function or named result.
  Datum part(Datum value, Name name, Scope scope, @Nullable Build build) {
    switch (value) {
      case Datum.Module(ModuleInstance instance) -> {
        Datum found = instance.scope().has(name.text()) ? instance.scope().find(name.text()) : null;
        if (found instanceof Datum.Absent(String absent, String condition)) {
          throw Faults.of(
              DiagnosticCode.ABSENT,
              name.span(),
              "`" + absent + "` is absent: `when " + condition + "` does not hold");
        }
        if (found == null) {
          List<String> known = new ArrayList<>(instance.members().keySet());
          known.addAll(instance.tensors().keySet());
          instance.functions().forEach(f -> known.add(f.name().text()));
          if (name.text().equals("forward") && instance.function("") != null) {
            throw new Fault(
                Diagnostic.error(
                        DiagnosticCode.UNKNOWN_NAME,
                        name.span(),
                        "no part of " + instance.kindName() + " is called `forward`")
                    .help("a module is called by its name alone: `layer(x)`"));
          }
          throw Faults.unknown("part of " + instance.kindName(), name.text(), name.span(), known);
        }
        return all.read(found, scope, build);
      }
      case Datum.Tuple(List<Datum> elements, List<String> names) -> {
        int at = names.indexOf(name.text());
        if (at < 0) {
          throw Faults.unknown("result", name.text(), name.span(), names);
        }
        return elements.get(at);
      }
      default ->
          throw Faults.of(
              DiagnosticCode.WRONG_KIND, name.span(), value.kind() + " has no parts by name");
    }
  }
}
