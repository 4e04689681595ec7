/// The elaborator: syntax becomes modules with parameters, and entry points become graphs.
///
/// [dev.sinter.dsl.elaborate.Entries] begins; [dev.sinter.dsl.elaborate.Elaboration] joins the
/// parts.
package dev.sinter.dsl.elaborate;
