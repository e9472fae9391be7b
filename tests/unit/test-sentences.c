#include "text/sentences.h"

#include <string.h>

typedef struct {
  const char *text;
  const char *expected;
} Case;

/* Sentences joined by "|". */
static const Case CASES[] = {
    {"One. Two! Three? Four", "One.|Two!|Three?|Four"},
    {"A title\n\nFirst line\nsecond line. End.", "A title|First line second line.|End."},
    {"Pi is 3.14 and v4.0.0 is out. See example.org. Done.", "Pi is 3.14 and v4.0.0 is out.|See example.org.|Done."},
    {"Visit https://a.example/x.html?y=1. It works.", "Visit https://a.example/x.html?y=1.|It works."},
    {"Dr. Smith met J. R. R. Tolkien. They spoke.", "Dr. Smith met J. R. R. Tolkien.|They spoke."},
    {"Fruit, e.g. Apples, i.e. Malus. Good.", "Fruit, e.g. Apples, i.e. Malus.|Good."},
    {"The U.S. Army said no. Yes.", "The U.S. Army said no.|Yes."},
    {"See No. 5 for more. I said no. Then I left.", "See No. 5 for more.|I said no.|Then I left."},
    {"Apples, pears, etc. are fruit. Apples, etc. Then more.", "Apples, pears, etc. are fruit.|Apples, etc.|Then more."},
    {"He is taller than I. She is not.", "He is taller than I.|She is not."},
    {"1. First thing. 2. Second thing.", "1. First thing.|2. Second thing."},
    {"It was 2020. Then 2021.", "It was 2020.|Then 2021."},
    {"\u201cIs it?\u201d she asked. \u201cYes.\u201d He left.", "\u201cIs it?\u201d she asked.|\u201cYes.\u201d|He left."},
    {"Wait... what? Well\u2026 No.", "Wait... what?|Well\u2026|No."},
    {"Yahoo! announced it. (It did.) So?", "Yahoo! announced it.|(It did.)|So?"},
    {"Node.js 20 and ASP.NET run. Fine.", "Node.js 20 and ASP.NET run.|Fine."},
    {"これは文です。次の文です！終わり", "これは文です。|次の文です！|終わり"},
    {"Intro:\n\n- first item\n- second. Item\n\nAfter", "Intro:|first item|second.|Item|After"},
    {"  spaced\t out .  Next  ", "spaced out .|Next"},
    {"Ünïted. Élan vital.", "Ünïted.|Élan vital."},

    /* abbreviations of English */
    {"The J. Smith case, Smith v. Jones, ended. Good.", "The J. Smith case, Smith v. Jones, ended.|Good."},
    {"Apple Inc. said it. Apple Inc. CEO Tim Cook spoke.", "Apple Inc. said it.|Apple Inc. CEO Tim Cook spoke."},
    {"It was bought by Apple Inc. Then it closed.", "It was bought by Apple Inc.|Then it closed."},
    {"Linux vs. Windows. Who wins?", "Linux vs. Windows.|Who wins?"},
    {"The U.S. Senate met. It was in the U.S. The vote failed.", "The U.S. Senate met.|It was in the U.S.|The vote failed."},
    {"Call at 5 p.m. EST today. It ended at 5 p.m. He left.", "Call at 5 p.m. EST today.|It ended at 5 p.m.|He left."},
    {"See Fig. 3, p. 12 and vol. 2. Done.", "See Fig. 3, p. 12 and vol. 2.|Done."},
    {"On Jan. 5 and Sept. 11 it rained. Yes.", "On Jan. 5 and Sept. 11 it rained.|Yes."},
    {"Use e.g. The Guardian, i.e. A paper. Fine.", "Use e.g. The Guardian, i.e. A paper.|Fine."},
    {"Doe et al. Nature 2020. Read it.", "Doe et al. Nature 2020.|Read it."},
    {"Gen. Lee met Gov. Roe, Sen. Poe and Rev. Moe. End.", "Gen. Lee met Gov. Roe, Sen. Poe and Rev. Moe.|End."},
    {"It is written in C. The code is short.", "It is written in C.|The code is short."},
    {"We took plan B. It failed.", "We took plan B.|It failed."},
    {"Dr. No and Dr. Who met. So what?", "Dr. No and Dr. Who met.|So what?"},
    {"It takes 5 ms. Then 3 mm. Then 24 hr. Fine. Ms. Roe left.", "It takes 5 ms.|Then 3 mm.|Then 24 hr.|Fine.|Ms. Roe left."},
    {"He has a Ph.D. in physics. Good.", "He has a Ph.D. in physics.|Good."},
    {"Martin Luther King Jr. spoke. All heard.", "Martin Luther King Jr. spoke.|All heard."},
    {"A firm (Foo Ltd.) closed. Sad.", "A firm (Foo Ltd.) closed.|Sad."},
    {"The result (Smith et al.) Stands alone.", "The result (Smith et al.) Stands alone."},
    /* of German */
    {"Das ist z. B. Obst, d. h. Nahrung. Gut.", "Das ist z. B. Obst, d. h. Nahrung.|Gut."},
    {"Das ist z.B. Obst bzw. Gemüse usw. Danach kam er.", "Das ist z.B. Obst bzw. Gemüse usw.|Danach kam er."},
    {"Am 3. Oktober fiel der 1. FC. Im 19. Jahrhundert nicht.", "Am 3. Oktober fiel der 1. FC.|Im 19. Jahrhundert nicht."},
    {"Es kostet ca. 5 Mio. Euro, vgl. Tabelle 2. Ende.", "Es kostet ca. 5 Mio. Euro, vgl. Tabelle 2.|Ende."},
    {"Siehe Nr. 5 und Abs. 2, S. 12. Gut.", "Siehe Nr. 5 und Abs. 2, S. 12.|Gut."},
    {"Hr. Meier und Prof. Dr. Schulz kamen. Gut.", "Hr. Meier und Prof. Dr. Schulz kamen.|Gut."},
    {"„Ist das so?“ Er nickte. „Ja.“ Sie ging.", "„Ist das so?“|Er nickte.|„Ja.“|Sie ging."},
    {"i. d. R. Montag. u. a. Berlin.", "i. d. R. Montag. u. a. Berlin."},
    /* of French */
    {"M. Dupont et Mme. Roy, cf. Annexe, partent. Fin.", "M. Dupont et Mme.|Roy, cf. Annexe, partent.|Fin."},
    {"J.-P. Sartre écrit, av. J.-C. Il pense.", "J.-P. Sartre écrit, av. J.-C.|Il pense."},
    {"Il dit « Non. » Elle part. Fin.", "Il dit « Non. »|Elle part.|Fin."},
    {"Voir p. ex. Paris, St. Denis et Ste. Anne. Fin.", "Voir p. ex. Paris, St. Denis et Ste. Anne.|Fin."},
    {"« Non. »", "« Non. »"},
    /* of Spanish */
    {"El Sr. García y la Sra. Ruiz llegan. Bien.", "El Sr. García y la Sra. Ruiz llegan.|Bien."},
    {"¿Qué es? ¡Nada! En EE. UU. llueve.", "¿Qué es?|¡Nada!|En EE. UU. llueve."},
    {"Véase pág. 12 y p. ej. Madrid. Fin.", "Véase pág. 12 y p. ej. Madrid.|Fin."},
    /* of Dutch */
    {"Dhr. Jansen en mevr. Bakker komen. Goed.", "Dhr. Jansen en mevr. Bakker komen.|Goed."},
    {"Fruit, bijv. Appels, d.w.z. Ooft enz. Daarna niets.", "Fruit, bijv. Appels, d.w.z. Ooft enz.|Daarna niets."},
    /* numbers and versions */
    {"It grew 3.5 %. Prices fell 1,000.50. Good.", "It grew 3.5 %.|Prices fell 1,000.50.|Good."},
    {"Python 3.12.1 is out. Get v2.0. Now.", "Python 3.12.1 is out.|Get v2.0.|Now."},
    {"It is version 2. Next is 3.", "It is version 2.|Next is 3."},
    {"The IP is 192.168.0.1. Ping it.", "The IP is 192.168.0.1.|Ping it."},
    {"It costs $5. Cheap.", "It costs $5.|Cheap."},
    /* ends of several signs */
    {"What?! No!! Why... Really\u203d Yes.", "What?!|No!!|Why...|Really\u203d|Yes."},
    {"Well... maybe. Hmm\u2026 maybe not.", "Well... maybe.|Hmm\u2026 maybe not."},
    {"He said \"Stop.\" Then he left.", "He said \"Stop.\"|Then he left."},
    {"(One.) [Two.] Three.", "(One.)|[Two.]|Three."},
    {"It is so.[1] Then not.[12] End.", "It is so.[1]|Then not.[12]|End."},
    {"It is so[1]. Then not [sic]. End.", "It is so[1].|Then not [sic].|End."},
    {"\u2018No.\u2019 She left.", "\u2018No.\u2019|She left."},
    {"Il est là.\u00bb Fin.", "Il est là.\u00bb|Fin."},
    /* addresses and names with a stop in them */
    {"Read https://a.example/v1.2?Q=A.B#C. Then go.", "Read https://a.example/v1.2?Q=A.B#C.|Then go."},
    {"Mail a.b@c.example. Or call.", "Mail a.b@c.example.|Or call."},
    {"We use .NET. It works. So does Socket.IO. And Node.js. All.",
     "We use .NET.|It works.|So does Socket.IO.|And Node.js.|All."},
    {"Edit main.c. Then run a.out. Done.", "Edit main.c.|Then run a.out.|Done."},
    /* product names written small */
    {"Sales fell. iPhone sales rose. eBay won.", "Sales fell.|iPhone sales rose.|eBay won."},
    {"It ended. macOS users left. npm users did not.", "It ended. macOS users left. npm users did not."},
    {"Made by Apple Inc. iPhone sales rose.", "Made by Apple Inc. iPhone sales rose."},
    /* a space forgotten */
    {"This is the end.The rest follows.", "This is the end.|The rest follows."},
    {"This is the end.Next we go on.", "This is the end.|Next we go on."},
    {"He was in K\u00f6ln.She left the caf\u00e9.It closed.", "He was in K\u00f6ln.|She left the caf\u00e9.|It closed."},
    {"Is it so?Yes, it is!But why?", "Is it so?|Yes, it is!|But why?"},
    {"Call fmt.Println or strings.Builder or os.Exit now.", "Call fmt.Println or strings.Builder or os.Exit now."},
    {"java.util.List and node.js and end.next and x.The", "java.util.List and node.js and end.next and x.The"},
    {"See https://a.example/the.The end", "See https://a.example/the.The end"},
    /* lists */
    {"Two:\n* one\n* two\n\u2022 three\n\u2013 four", "Two:|one|two|three|four"},
    {"Steps\n1. Take it.\n2. Eat it\n3) Sleep", "Steps|1. Take it.|2. Eat it|3) Sleep"},
    {"It was in\n2020. Then\n-not a list", "It was in 2020.|Then -not a list"},
    /* other scripts */
    {"यह एक है। यह दो है॥ अंत", "यह एक है।|यह दो है॥|अंत"},
    {"هل هذا صحيح؟ نعم. انتهى", "هل هذا صحيح؟|نعم.|انتهى"},
    {"یہ ہے۔ وہ ہے۔", "یہ ہے۔|وہ ہے۔"},
    {"「はい。」彼は言った。終", "「はい。」|彼は言った。|終"},
    {"本当？！はい", "本当？！|はい"},
    {"Это да. Это нет? Да! Всё.", "Это да.|Это нет?|Да!|Всё."},
    {"Αυτό είναι. Όχι.", "Αυτό είναι.|Όχι."},
    {"これはver. 2です。", "これはver.|2です。"},
    {"Սա է։ Դա է։", "Սա է։|Դա է։"},
    /* emoji */
    {"We won! \U0001F389 Next game soon.", "We won! \U0001F389|Next game soon."},
    {"We won!\U0001F389\U0001F389 Next game.", "We won!\U0001F389\U0001F389|Next game."},
    {"Nice. \U0001F44D\U0001F3FD", "Nice. \U0001F44D\U0001F3FD"},
    {"I \u2764\ufe0f Python. \u2764\ufe0f You?", "I \u2764\ufe0f Python. \u2764\ufe0f|You?"},
    {"We won \U0001F389 Next", "We won \U0001F389 Next"},
    {"?", "?"},
    {". . .", ".|.|."},
    {"...", "..."},
    {"", ""},
    {" \n\n ", ""},
};

static void
test_cases(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) sentences = sentences_split(CASES[i].text);
    g_ptr_array_add(sentences, NULL);
    g_autofree char *joined = g_strjoinv("|", (char **) sentences->pdata);
    g_assert_cmpstr(joined, ==, CASES[i].expected);
  }
}

static void
test_single_sentences(void)
{
  static const struct {
    const char *sentence;
    gunichar terminator;
    bool is_leaning;
  } ROWS[] = {
      {"It rains.", '.', true},
      {"Rain falls, it seems!", '!', false},
      {"\u201cIt\u2019s late,\u201d she said (twice.)", '.', true},
      {"So-called rain?", '?', false},
      {"But why?\u201d", '?', true},
      {"These\u2026", 0x2026, true},
      {"Well...", 0x2026, false},
      {"終わり。」", 0x3002, false},
      {"By A. Writer", 0, false},
      {"\"", 0, false},
      {"", 0, false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_test_message("%s", ROWS[i].sentence);
    g_assert_cmpuint(sentence_terminator(ROWS[i].sentence), ==, ROWS[i].terminator);
    g_assert_cmpint(sentence_has_end(ROWS[i].sentence), ==, ROWS[i].terminator != 0);
    g_assert_cmpint(sentence_is_leaning(ROWS[i].sentence), ==, ROWS[i].is_leaning);
  }
}

static void
test_titles_of_posts_without_one(void)
{
  g_assert_cmpuint(sentences_title_length("It rains. Again.", "It rains."), ==, strlen("It rains."));
  g_assert_cmpuint(sentences_title_length("It rains again.", "It rains…"), ==, strlen("It rains"));
  g_assert_cmpuint(sentences_title_length("It rains.", "Rain"), ==, 0);
  g_assert_cmpuint(sentences_title_length("It", "It rains."), ==, 0);
  g_assert_cmpuint(sentences_title_length("Google said", "Go"), ==, 0);
  g_assert_cmpuint(sentence_count_words("It rains in Kelder."), ==, 4);
  g_assert_cmpuint(sentence_count_words("今天下雨了"), <=, 3);
  g_assert_cmpuint(sentences_title_length("Go said", "Go"), ==, 2);
  g_assert_cmpuint(sentences_title_length("It rains.", ""), ==, 0);
}

static void
test_abuse(void)
{
  static const char *const PARTS[] = {".",    ". ",     "A. ",     "a.", ".)",  "。",           "\n",
                                      "- \n", "J.J.J.", "the.The", "a",  ".[1", ". \U0001F389", "1. "};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    GString *text = g_string_new(NULL);
    while (text->len < 512 * 1024)
      g_string_append(text, PARTS[i]);
    g_test_timer_start();
    g_autoptr(GPtrArray) sentences = sentences_split(text->str);
    g_test_message("pattern %zu: %u sentences, %.3f s", i, sentences->len, g_test_timer_elapsed());
    g_assert_cmpfloat(g_test_timer_elapsed(), <, 20.0);
    g_string_free(text, TRUE);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/sentences/cases", test_cases);
  g_test_add_func("/sentences/single-sentences", test_single_sentences);
  g_test_add_func("/sentences/titles-of-posts-without-one", test_titles_of_posts_without_one);
  g_test_add_func("/sentences/abuse", test_abuse);
  return g_test_run();
}
