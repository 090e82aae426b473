using System.Globalization;
using EdgeFace.App;

// The language of the system changes neither what is read nor what is written.
CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

using var terminal = Terminal.OfProcess();
return Tool.Run(args, terminal);
