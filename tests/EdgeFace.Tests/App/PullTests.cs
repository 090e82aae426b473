using System.Security.Cryptography;
using EdgeFace.App;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>
/// Downloads against a server on loopback. The content is a checkpoint of formula weights, which has the network of edgeface_xs_gamma_06.
/// </summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class PullTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly EnvironmentVariable _models;
    readonly byte[] _checkpoint;
    readonly FileServer _server;

    public PullTests()
    {
        _models = new("EDGEFACE_MODELS", _folder["pulled"]);
        FormulaWeights.Write(EdgeFaceVariants.XsGamma06, _folder["served.safetensors"]);
        _checkpoint = File.ReadAllBytes(_folder["served.safetensors"]);
        _server = new FileServer(_checkpoint);
    }

    public void Dispose()
    {
        _server.Dispose();
        _models.Dispose();
        _folder.Dispose();
    }

    string Target => _folder["pulled/edgeface_xs_gamma_06.pt"];

    ToolRun Pull(params string[] more) => ToolRun.Of(["models", "pull", "edgeface_xs_gamma_06", "--from", _server.Url, .. more]);

    [Fact]
    public void The_licence_is_shown_and_must_be_accepted_before_anything_is_asked_for()
    {
        var run = Pull();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CC BY-NC-SA 4.0", run.Error);
        Assert.Contains("--accept-license", run.Error);
        Assert.Empty(_server.Requests);
        Assert.False(Directory.Exists(_folder["pulled"]));
    }

    [Fact]
    public void A_pulled_model_is_there_whole_and_usable_by_name()
    {
        var json = Pull("--accept-license", "--json");
        Assert.Equal(0, json.ExitCode);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_checkpoint)), json.Json.GetProperty("sha256").GetString());
        Assert.Equal(_checkpoint, File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder["pulled"]));
        Assert.True(Pull("--json").Json.GetProperty("alreadyThere").GetBoolean());
        Assert.Single(_server.Requests);
        var shown = ToolRun.Of("models", "show", "edgeface_xs_gamma_06", "--json").Succeeds().Json;
        Assert.Contains("CC BY-NC-SA", shown.GetProperty("model").GetProperty("card").GetProperty("licence").GetString());
        ToolRun.Of("models", "verify", "edgeface_xs_gamma_06").Succeeds();
        Assert.Contains("pulled", ToolRun.Of("models", "list").Output);
    }

    [Fact]
    public void A_cut_connection_is_reported_and_the_next_try_goes_on_where_it_stopped()
    {
        _server.CutAfter = 1_000_000;
        var first = Pull("--accept-license");
        Assert.Equal(3, first.ExitCode);
        Assert.Contains("the same command goes on from there", first.Error);
        Assert.False(File.Exists(Target));
        var arrived = new FileInfo(Target + ".partial").Length;
        Assert.InRange(arrived, 1, 1_000_000);
        _server.CutAfter = int.MaxValue;
        Assert.Equal(0, Pull("--accept-license").ExitCode);
        Assert.Equal([0, arrived], _server.Requests);
        Assert.Equal(_checkpoint, File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_server_without_ranges_is_read_from_the_start()
    {
        Directory.CreateDirectory(_folder["pulled"]);
        File.WriteAllBytes(Target + ".partial", _checkpoint[..5000]);
        _server.Ranges = false;
        Assert.Equal(0, Pull("--accept-license").ExitCode);
        Assert.Equal(_checkpoint, File.ReadAllBytes(Target));
    }

    [Fact]
    public void A_partial_file_of_something_else_is_noticed_and_not_kept()
    {
        Directory.CreateDirectory(_folder["pulled"]);
        File.WriteAllBytes(Target + ".partial", new byte[5000]);
        var run = Pull("--accept-license");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("not kept", run.Error);
        Assert.Empty(Directory.GetFiles(_folder["pulled"]));
        Assert.Equal(0, Pull("--accept-license").ExitCode);
    }

    [Fact]
    public void A_partial_file_longer_than_the_whole_starts_anew_after_one_error()
    {
        Directory.CreateDirectory(_folder["pulled"]);
        File.WriteAllBytes(Target + ".partial", new byte[_checkpoint.Length + 1]);
        Assert.Equal(3, Pull("--accept-license").ExitCode);
        Assert.Equal(0, Pull("--accept-license").ExitCode);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public void A_refusal_by_the_server_is_reported_with_advice(int status)
    {
        _server.Status = status;
        var run = Pull("--accept-license");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"{status}", run.Error);
        Assert.Contains(Target, run.Error);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void Without_a_network_the_advice_says_what_to_do()
    {
        var url = _server.Url;
        _server.Dispose();
        var run = ToolRun.Of("models", "pull", "edgeface_xs_gamma_06", "--from", url, "--accept-license");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("On a machine without network", run.Error);
        Assert.Contains("--model", run.Error);
        Assert.DoesNotContain("arrived", run.Error);
        Assert.Empty(Directory.GetFiles(_folder["pulled"]));
    }

    [Fact]
    public async Task A_file_of_another_size_or_hash_than_published_is_refused()
    {
        foreach (var published in (OfficialModel[])[new("edgeface_xs_gamma_06", _checkpoint.Length + 1),
            new("edgeface_xs_gamma_06", _checkpoint.Length, new string('0', 64)), new("edgeface_xs_gamma_06", 1000)])
        {
            await Assert.ThrowsAnyAsync<EdgeFaceException>(
                () => ModelDownload.RunAsync(published, new Uri(_server.Url), Target, null, TestContext.Current.CancellationToken));
            Assert.False(File.Exists(Target));
        }
        await ModelDownload.RunAsync(new("edgeface_xs_gamma_06", _checkpoint.Length, Convert.ToHexStringLower(SHA256.HashData(_checkpoint))),
            new Uri(_server.Url), Target, null, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Target));
    }

    [Fact]
    public void Another_network_than_promised_is_refused()
    {
        var run = ToolRun.Of("models", "pull", "edgeface_base", "--from", _server.Url, "--accept-license");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("edgeface_xs_gamma_06", run.Error);
        Assert.Empty(Directory.GetFiles(_folder["pulled"]));
    }

    [Fact]
    public void A_body_without_a_length_is_taken_too()
    {
        _server.SaysLength = false;
        Assert.Equal(0, Pull("--accept-license").ExitCode);
    }

    [Theory]
    [InlineData("/other.pt")]
    [InlineData("other.pt")]
    [InlineData("../other.pt?a=b")]
    [InlineData("{server}/other.pt")]
    public void An_address_on_this_machine_is_followed_and_ranges_are_asked_for_again(string location)
    {
        _server.SendsOnTo = path => path.Contains("model", StringComparison.Ordinal)
            ? location.Replace("{server}", _server.Url[..^"/model.pt".Length], StringComparison.Ordinal) : null;
        Directory.CreateDirectory(_folder["pulled"]);
        File.WriteAllBytes(Target + ".partial", _checkpoint[..5000]);
        Assert.Equal(0, Pull("--accept-license").ExitCode);
        Assert.Equal([5000, 5000], _server.Requests);
        Assert.Equal(_checkpoint, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData("file:///etc/passwd", "file:///etc/passwd")]
    [InlineData("ftp://example.org/model.pt", "ftp://example.org/model.pt")]
    [InlineData("http://example.org/model.pt", "http://example.org/model.pt")]
    [InlineData("http://127.0.0.1.example.org/model.pt", "127.0.0.1.example.org")]
    [InlineData("data:text/plain,a", "data:text/plain,a")]
    [InlineData("//example.org/model.pt", "http://example.org/model.pt")]
    [InlineData("", "does not say where")]
    [InlineData("http://[", "http://[")]
    [InlineData("/model.pt", "more than 10 times")]
    public void A_redirection_elsewhere_is_refused_by_name(string location, string mention)
    {
        _server.SendsOnTo = _ => location;
        var run = Pull("--accept-license");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains(mention, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.False(File.Exists(Target));
        Assert.Equal(location == "/model.pt" ? 11 : 1, _server.Requests.Count);
    }

    [Fact]
    public void Names_and_addresses_that_make_no_sense_are_usage_errors()
    {
        ToolRun.Of("models", "pull", "edgeface_xl").Fails(2, "edgeface_xl", "edgeface_base");
        ToolRun.Of("models", "pull", "edgeface_base", "--from", "file:///etc/passwd", "--accept-license").Fails(2, "http");
        ToolRun.Of("models", "pull", "edgeface_base", "--from", "http://example.org/model.pt", "--accept-license")
            .Fails(2, "https", "http://example.org/model.pt");
    }
}
