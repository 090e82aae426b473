using EdgeFace.People;

using var faces = FacePipeline.Open();
var decision = Decision.For(faces);

var compared = await faces.CompareAsync(Photo.FromFile(args[0]), Photo.FromFile(args[1]), decision);
var answer = compared.Result switch { MatchDecision.Same => "same person", MatchDecision.Different => "different people", _ => "cannot tell" };
Console.WriteLine($"{answer}: score {compared.Score:f3}, threshold {decision.Threshold:f3} at FMR 1e-4");
